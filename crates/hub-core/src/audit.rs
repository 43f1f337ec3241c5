//! The log that proves what happened: a hash chain for each agent.
//!
//! | Module | Contents |
//! |---|---|
//! | [`digest`] | SHA-256 digests as they are written, and salted digests of content |
//! | [`entry`] | the canonical entry; its bytes are frozen |
//! | [`verify_folder`] | verifies the log of a data folder, against heads noted beside the database |
//! | [`verify`] | reads a stored log and names everything that was changed in it (pure) |

pub mod digest;
pub mod entry;
pub(crate) mod folder;
pub(crate) mod stored;
pub mod verify;

pub use digest::{Digest, salted_digest};
pub use entry::{Actor, Entry, EntryDraft, Fact, seal};
pub use folder::{verify_database, verify_folder, verify_with};
pub use verify::{Extent, Pin, Problem, RawValue, Report, StoredEntry, StoredHead, Verifier};
