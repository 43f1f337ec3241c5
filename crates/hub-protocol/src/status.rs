//! How an agent is doing.

use crate::shape::answers;
use std::collections::BTreeMap;

answers! {
    /// `GET /v1/agents/{agent_id}/status`.
    pub struct Status {
        /// Every stage that recall or planning needs, by name.
        pub queues: BTreeMap<String, QueueStatus>,
        /// The log.
        pub audit: AuditStatus,
        /// What models may cost, and cost today.
        #[serde(default)]
        pub tokens: TokenStatus,
        /// Rows by what they are, such as `events`.
        pub counts: BTreeMap<String, u64>,
    }

    /// Jobs of one queue. Drained means that `ready`, `leased` and `delayed` are 0.
    #[derive(Default)]
    pub struct QueueStatus {
        /// Wait for a worker.
        pub ready: u64,
        /// A worker has them.
        pub leased: u64,
        /// Wait for their time.
        pub delayed: u64,
        /// Given up, with a reason.
        pub dead: u64,
    }

    /// Tokens that models read and wrote for the agent today (UTC), and how many they may in a day.
    #[derive(Default)]
    pub struct TokenStatus {
        /// The bound of a day; once it is reached, windows wait for the next one.
        pub per_day: u64,
        /// Requests to models today.
        pub requests: u64,
        /// Tokens read today.
        pub input: u64,
        /// Tokens written today.
        pub output: u64,
    }

    /// Size and head of the log.
    pub struct AuditStatus {
        /// Entries.
        pub size: u64,
        /// Hash of the last one: `sha256:` and 64 hex digits.
        pub head: String,
    }
}

impl QueueStatus {
    /// Whether nothing is left to do.
    #[must_use]
    pub const fn is_drained(&self) -> bool {
        self.ready == 0 && self.leased == 0 && self.delayed == 0
    }
}

impl Status {
    /// Whether nothing is left to do in any queue.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.queues.values().all(QueueStatus::is_drained)
    }
}
