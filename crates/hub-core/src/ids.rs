//! Identifiers. Those that the hub makes are UUIDv7; `event_id` and `action_id` may be any UUID
//! of the caller's and are unique within their agent only.

use crate::Error;
use std::fmt;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident, $field:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The name under which this identifier travels.
            pub const FIELD: &'static str = $field;

            /// Reads the textual form.
            ///
            /// # Errors
            /// `invalid` when the text is not a UUID.
            pub fn parse(text: &str) -> Result<Self, Error> {
                Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| Error::invalid("malformed_id", concat!($field, " is not a UUID")).field($field))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}({})", $field, self.0) }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }
    )+};
}

ids! {
    /// An agent: the island that everything durable belongs to.
    AgentId, "agent_id";
    /// A room or place.
    SpaceId, "space_id";
    /// A satellite's identity.
    DeviceId, "device_id";
    /// A person.
    PersonId, "person_id";
    /// A grant of consent.
    ConsentId, "consent_id";
    /// A token.
    TokenId, "token_id";
    /// Something that happened; made by the caller.
    EventId, "event_id";
    /// A memory.
    MemoryId, "memory_id";
    /// A proposed side effect; may be made by the caller.
    ActionId, "action_id";
    /// A window of talk that is planned at once.
    WindowId, "window_id";
    /// A piece of work that was given up.
    DeadLetterId, "dead_letter_id";
    /// A blob that was handed in.
    ArtifactId, "artifact_id";
    /// A message in an inbox.
    MessageId, "message_id";
}
