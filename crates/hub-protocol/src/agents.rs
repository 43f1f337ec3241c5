//! Agents: islands that share nothing.

use crate::shape::{answers, requests};
use crate::vocabulary::PlannerKind;
use uuid::Uuid;

requests! {
    /// `POST /v1/agents`.
    pub struct CreateAgent {
        /// At most [`crate::limits::NAME_CHARS`] characters.
        pub name: String,
        /// BCP 47 tag such as `en`; absent is `en`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub language: Option<String>,
        /// Absent is `rules`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub planner: Option<PlannerKind>,
    }

    /// `PATCH /v1/agents/{agent_id}`; what is absent stays.
    #[derive(Default)]
    pub struct PatchAgent {
        /// A new name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// A new language, BCP 47.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub language: Option<String>,
        /// Another planner.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub planner: Option<PlannerKind>,
    }
}

answers! {
    /// An agent.
    pub struct Agent {
        /// Which.
        pub agent_id: Uuid,
        /// What people call it.
        pub name: String,
        /// BCP 47 tag.
        pub language: String,
        /// Which planner reads its talk.
        pub planner: PlannerKind,
        /// RFC 3339.
        pub created_at: String,
    }
}
