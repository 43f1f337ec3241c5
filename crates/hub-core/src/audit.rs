//! The log that proves what happened: a hash chain for each agent.
//!
//! | Module | Contents |
//! |---|---|
//! | [`digest`] | SHA-256 digests as they are written, and salted digests of content |
//! | [`entry`] | the canonical entry; its bytes are frozen |
//! | [`verify`] | reads a stored log and names everything that was changed in it (pure) |

pub mod digest;
pub mod entry;
pub mod verify;

pub use digest::{Digest, salted_digest};
pub use entry::{Actor, Entry, EntryDraft, Fact, seal};
pub use verify::{Pin, Problem, RawValue, Report, StoredEntry, StoredHead, Verifier};
