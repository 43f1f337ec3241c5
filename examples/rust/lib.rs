//! Programs that embed a hub; see the files beside this one.
