//! Spaces: rooms or places, each with its privacy.

use crate::shape::{answers, requests};
use uuid::Uuid;

requests! {
    /// `POST /v1/agents/{agent_id}/spaces`.
    pub struct CreateSpace {
        /// At most [`crate::limits::NAME_CHARS`] characters.
        pub name: String,
        /// Whether it begins private; absent is `false`.
        #[serde(default)]
        pub privacy_mode: bool,
    }

    /// `PATCH /v1/spaces/{space_id}`; what is absent stays.
    #[derive(Default)]
    pub struct PatchSpace {
        /// A new name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// Begins or ends a private interval.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub privacy_mode: Option<bool>,
    }
}

answers! {
    /// A space.
    pub struct Space {
        /// Which.
        pub space_id: Uuid,
        /// Whose.
        pub agent_id: Uuid,
        /// What people call it.
        pub name: String,
        /// While true, nothing said there is kept.
        pub privacy_mode: bool,
        /// RFC 3339.
        pub created_at: String,
    }
}
