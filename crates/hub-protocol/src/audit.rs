//! The audit log as it is read.

use crate::shape::answers;
use serde_json::Value;
use uuid::Uuid;

answers! {
    /// One entry.
    pub struct AuditEntry {
        /// Its place in the agent's log, from 1.
        pub sequence: u64,
        /// `sha256:` and 64 hex digits.
        pub hash: String,
        /// Hash of the entry before; of zeros for the first.
        pub previous_hash: String,
        /// The canonical entry. Content stands there as salted digests only.
        pub entry: Value,
    }

    /// Head of the log.
    pub struct AuditCheckpoint {
        /// Whose log.
        pub agent_id: Uuid,
        /// Entries.
        pub size: u64,
        /// Hash of the last one: `sha256:` and 64 hex digits.
        pub head: String,
    }
}
