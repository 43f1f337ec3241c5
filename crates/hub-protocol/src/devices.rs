//! Devices: identities of satellites.

use crate::secret::Secret;
use crate::shape::{answers, requests};
use crate::vocabulary::Scope;
use uuid::Uuid;

requests! {
    /// `POST /v1/agents/{agent_id}/devices`.
    pub struct CreateDevice {
        /// At most [`crate::limits::NAME_CHARS`] characters.
        pub name: String,
        /// What it may do; absent is nothing.
        #[serde(default)]
        pub scopes: Vec<Scope>,
    }

    /// `PATCH /v1/devices/{device_id}`; what is absent stays.
    #[derive(Default)]
    pub struct PatchDevice {
        /// A new name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// All it may do from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scopes: Option<Vec<Scope>>,
    }
}

answers! {
    /// A device; its token is never shown again.
    pub struct Device {
        /// Which.
        pub device_id: Uuid,
        /// Whose.
        pub agent_id: Uuid,
        /// What people call it.
        pub name: String,
        /// What it may do.
        pub scopes: Vec<Scope>,
        /// RFC 3339.
        pub created_at: String,
        /// RFC 3339; `null` while it is in service.
        pub revoked_at: Option<String>,
    }

    /// Answer to creating a device.
    pub struct DeviceCreated {
        /// Which.
        pub device_id: Uuid,
        /// Whose.
        pub agent_id: Uuid,
        /// What people call it.
        pub name: String,
        /// What it may do.
        pub scopes: Vec<Scope>,
        /// RFC 3339.
        pub created_at: String,
        /// Shown once.
        pub token: Secret,
    }

    /// Answer to `POST /v1/devices/{device_id}/rotate`: the former token has stopped working.
    pub struct DeviceRotated {
        /// Which.
        pub device_id: Uuid,
        /// Shown once.
        pub token: Secret,
    }
}
