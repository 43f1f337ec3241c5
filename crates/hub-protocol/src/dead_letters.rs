//! Jobs that were given up.

use crate::shape::answers;
use uuid::Uuid;

answers! {
    /// A job that was given up.
    pub struct DeadLetter {
        /// Which.
        pub dead_letter_id: Uuid,
        /// Whose.
        pub agent_id: Uuid,
        /// Of which queue.
        pub queue: String,
        /// How often it was tried.
        pub attempts: u32,
        /// Why it was given up, without content.
        pub reason: String,
        /// RFC 3339: when it was queued.
        pub created_at: String,
        /// What it is about: the id of an event, space, window or action.
        pub about: Uuid,
    }

    /// Answer to `POST /v1/dead-letters/{id}/replay`.
    pub struct DeadLetterReplayed {
        /// Which.
        pub dead_letter_id: Uuid,
        /// The queue in which it waits again.
        pub queue: String,
    }
}
