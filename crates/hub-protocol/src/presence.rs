//! Who is in a space.

use crate::shape::{answers, requests};
use crate::vocabulary::PresenceState;
use uuid::Uuid;

requests! {
    /// `POST /v1/spaces/{space_id}/presence`.
    pub struct ReportPresence {
        /// Who; absent is the caller itself, a person or a device.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub person_id: Option<Uuid>,
        /// There or not.
        pub state: PresenceState,
    }
}

answers! {
    /// Where a person or a device was last reported; one of both ids is there.
    pub struct Presence {
        /// In which space.
        pub space_id: Uuid,
        /// Which person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub person_id: Option<Uuid>,
        /// Which device.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub device_id: Option<Uuid>,
        /// There or not.
        pub state: PresenceState,
        /// RFC 3339: since when the state holds.
        pub since: String,
        /// RFC 3339: the last report.
        pub observed_at: String,
        /// RFC 3339: when that report no longer counts.
        pub expires_at: String,
    }
}
