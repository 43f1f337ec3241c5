//! Artifacts: blobs such as photos and recordings. Their bytes travel as they are; this is what is known
//! of them.

use crate::shape::answers;
use uuid::Uuid;

answers! {
    /// An artifact.
    pub struct Artifact {
        /// Which.
        pub artifact_id: Uuid,
        /// Whose.
        pub agent_id: Uuid,
        /// Where it was made.
        pub space_id: Uuid,
        /// The device that handed it in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub device_id: Option<Uuid>,
        /// SHA-256 of its bytes: `sha256:` and 64 hex digits.
        pub digest: String,
        /// Its bytes.
        pub size: u64,
        /// What its bytes are, such as `image/png`.
        pub media_type: String,
        /// Who is in it.
        pub person_ids: Vec<Uuid>,
        /// RFC 3339.
        pub occurred_at: String,
        /// RFC 3339: when what it shows ended.
        pub ended_at: String,
        /// RFC 3339: when the hub had all of it.
        pub created_at: String,
    }
}
