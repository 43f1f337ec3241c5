//! Consent: grants of a person, each with its kind and expiry.

use crate::shape::{answers, present, requests};
use crate::vocabulary::ConsentKind;
use uuid::Uuid;

requests! {
    /// `POST /v1/people/{person_id}/consents`.
    pub struct GrantConsent {
        /// To what.
        pub kind: ConsentKind,
        /// RFC 3339; absent is until revoked. `null` is refused: it may be a time gone missing.
        #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = String, required = false))]
        pub expires_at: Option<String>,
    }
}

answers! {
    /// A grant.
    pub struct Consent {
        /// Which.
        pub consent_id: Uuid,
        /// Whose.
        pub person_id: Uuid,
        /// Of which agent.
        pub agent_id: Uuid,
        /// To what.
        pub kind: ConsentKind,
        /// RFC 3339.
        pub granted_at: String,
        /// RFC 3339; `null` is until revoked.
        pub expires_at: Option<String>,
        /// RFC 3339; `null` while it stands.
        pub revoked_at: Option<String>,
    }
}
