//! The two schemas say the same.
