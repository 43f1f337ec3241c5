//! Who is in a space.

use crate::shape::{answers, requests};
use crate::vocabulary::PresenceState;
use uuid::Uuid;

requests! {
    /// `POST /v1/spaces/{space_id}/presence`.
    pub struct ReportPresence {
        /// Who.
        pub person_id: Uuid,
        /// There or not.
        pub state: PresenceState,
        /// RFC 3339; absent is when the hub received it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub observed_at: Option<String>,
    }
}

answers! {
    /// Where a person was last reported.
    pub struct Presence {
        /// In which space.
        pub space_id: Uuid,
        /// Who.
        pub person_id: Uuid,
        /// There or not.
        pub state: PresenceState,
        /// RFC 3339: since when the state holds.
        pub since: String,
        /// RFC 3339: the last report.
        pub observed_at: String,
    }
}
