//! People who live with an agent.

use crate::shape::{answers, requests};
use uuid::Uuid;

requests! {
    /// `POST /v1/agents/{agent_id}/people`.
    pub struct CreatePerson {
        /// At most [`crate::limits::NAME_CHARS`] characters.
        pub name: String,
    }

    /// `PATCH /v1/people/{person_id}`; what is absent stays.
    #[derive(Default)]
    pub struct PatchPerson {
        /// A new name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
    }
}

answers! {
    /// A person.
    pub struct Person {
        /// Who.
        pub person_id: Uuid,
        /// Of which agent.
        pub agent_id: Uuid,
        /// By what name.
        pub name: String,
        /// RFC 3339.
        pub created_at: String,
    }
}
