//! Tokens of operators and delegates.

use crate::secret::Secret;
use crate::shape::answers;
use crate::vocabulary::{PrincipalKind, Role, Scope};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// `POST /v1/agents/{agent_id}/tokens`, told apart by `kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "Flat")]
pub enum CreateToken {
    /// For a person.
    Operator {
        /// Who.
        person_id: Uuid,
        /// As what.
        role: Role,
    },
    /// For another program or agent.
    Delegate {
        /// At most [`crate::limits::NAME_CHARS`] characters.
        name: String,
        /// What it may do.
        scopes: Vec<Scope>,
        /// Where; at most [`crate::limits::DELEGATE_SPACES`].
        spaces: Vec<Uuid>,
        /// RFC 3339.
        expires_at: String,
    },
}

/// Both kinds at once. A tagged enum would be buffered, and errors would lose their field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flat {
    kind: Kind,
    person_id: Option<Uuid>,
    role: Option<Role>,
    name: Option<String>,
    scopes: Option<Vec<Scope>>,
    spaces: Option<Vec<Uuid>>,
    expires_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Operator,
    Delegate,
}

impl TryFrom<Flat> for CreateToken {
    type Error = String;

    fn try_from(flat: Flat) -> Result<Self, String> {
        match flat.kind {
            Kind::Operator => {
                foreign("name", flat.name.is_some())?;
                foreign("scopes", flat.scopes.is_some())?;
                foreign("spaces", flat.spaces.is_some())?;
                foreign("expires_at", flat.expires_at.is_some())?;
                Ok(Self::Operator {
                    person_id: needed("person_id", flat.person_id)?,
                    role: needed("role", flat.role)?,
                })
            }
            Kind::Delegate => {
                foreign("person_id", flat.person_id.is_some())?;
                foreign("role", flat.role.is_some())?;
                Ok(Self::Delegate {
                    name: needed("name", flat.name)?,
                    scopes: needed("scopes", flat.scopes)?,
                    spaces: needed("spaces", flat.spaces)?,
                    expires_at: needed("expires_at", flat.expires_at)?,
                })
            }
        }
    }
}

fn needed<T>(field: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("missing field `{field}`"))
}

fn foreign(field: &str, is_there: bool) -> Result<(), String> {
    if is_there { Err(format!("unknown field `{field}` for a token of this kind")) } else { Ok(()) }
}

answers! {
    /// A token as a list shows it: never the secret.
    pub struct Token {
        /// Which.
        pub token_id: Uuid,
        /// Of which agent.
        pub agent_id: Uuid,
        /// `operator` or `delegate`.
        pub kind: PrincipalKind,
        /// Of a delegate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// Of an operator.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub person_id: Option<Uuid>,
        /// Of an operator.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<Role>,
        /// Of a delegate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scopes: Option<Vec<Scope>>,
        /// Of a delegate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub spaces: Option<Vec<Uuid>>,
        /// RFC 3339.
        pub created_at: String,
        /// RFC 3339; `null` is until revoked.
        pub expires_at: Option<String>,
        /// RFC 3339; `null` while it works.
        pub revoked_at: Option<String>,
    }

    /// Answer to creating a token.
    pub struct TokenCreated {
        /// Which.
        pub token_id: Uuid,
        /// Of which agent.
        pub agent_id: Uuid,
        /// `operator` or `delegate`.
        pub kind: PrincipalKind,
        /// Shown once.
        pub token: Secret,
        /// RFC 3339; `null` is until revoked.
        pub expires_at: Option<String>,
    }
}
