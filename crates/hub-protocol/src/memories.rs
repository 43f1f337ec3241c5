//! Memories: listed, written by hand, corrected, forgotten.

use crate::shape::{answers, requests};
use crate::vocabulary::Tier;
use uuid::Uuid;

requests! {
    /// `POST /v1/agents/{agent_id}/memories`: a note by hand.
    pub struct CreateMemory {
        /// Who may read this space may recall the note.
        pub space_id: Uuid,
        /// At most [`crate::limits::MEMORY_BYTES`] bytes.
        pub content: String,
        /// Whom it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub person_id: Option<Uuid>,
    }

    /// `PATCH /v1/memories/{memory_id}`: the fact is replaced by a new memory, which is answered.
    pub struct PatchMemory {
        /// What it should say; at most [`crate::limits::MEMORY_BYTES`] bytes.
        pub content: String,
    }
}

answers! {
    /// A memory.
    pub struct Memory {
        /// Which.
        pub memory_id: Uuid,
        /// Whose.
        pub agent_id: Uuid,
        /// Where.
        pub space_id: Uuid,
        /// Said or derived.
        pub tier: Tier,
        /// What was said, or the fact.
        pub content: String,
        /// Who said it or whom it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub person_id: Option<Uuid>,
        /// Kind of fact, such as `allergy`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub predicate: Option<String>,
        /// How sure its planner was, 0 to 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub confidence: Option<f64>,
        /// RFC 3339.
        pub occurred_at: String,
        /// What it rests on.
        pub source_event_ids: Vec<Uuid>,
        /// RFC 3339: when the hub wrote it.
        pub created_at: String,
    }
}
