//! Who and where: agents, spaces, devices, people, tokens; and how an agent is.

use super::count;
use crate::Result;
use crate::audit::Digest;
use crate::consent::Grant;
use crate::hub::dead_letters::DeadLetter;
use crate::hub::event_types::CustomType;
use crate::hub::presence::{Presence, Subject};
use crate::hub::{agents, devices, people, spaces, tokens};
use crate::ids::AgentId;
use crate::page::Page;
use crate::sensitive;
use hub_protocol as wire;

/// A page, each of its items translated.
#[must_use]
pub fn page<T, U>(page: Page<T>, into: impl FnMut(T) -> U) -> wire::page::Page<U> {
    wire::page::Page { items: page.items.into_iter().map(into).collect(), next_cursor: page.next_cursor }
}

/// A secret that its owner is told.
#[must_use]
pub fn secret(secret: &sensitive::Secret) -> wire::secret::Secret {
    wire::secret::Secret::new(secret.expose())
}

/// An agent.
#[must_use]
pub fn agent(agent: agents::Agent) -> wire::agents::Agent {
    wire::agents::Agent {
        agent_id: agent.agent_id.0,
        name: agent.name,
        language: agent.language,
        planner: agent.planner,
        created_at: agent.created_at.to_string(),
    }
}

/// How an agent is.
///
/// # Errors
/// `internal` for a count that the database cannot have given.
pub fn status(status: agents::Status) -> Result<wire::status::Status> {
    let mut queues = std::collections::BTreeMap::new();
    for (name, depth) in status.queues {
        let depth = wire::status::QueueStatus {
            ready: count(depth.ready)?,
            leased: count(depth.leased)?,
            delayed: count(depth.delayed)?,
            dead: count(depth.dead)?,
        };
        queues.insert(name, depth);
    }
    let counts = status.counts.into_iter().map(|(name, rows)| Ok((name, count(rows)?)));
    Ok(wire::status::Status {
        queues,
        audit: wire::status::AuditStatus {
            size: count(status.audit_size)?,
            head: Digest(status.audit_head).to_string(),
        },
        tokens: wire::status::TokenStatus {
            per_day: status.tokens_per_day,
            requests: status.spent_today.requests,
            input: status.spent_today.input_tokens,
            output: status.spent_today.output_tokens,
        },
        counts: counts.collect::<Result<_>>()?,
    })
}

/// A space.
#[must_use]
pub fn space(space: spaces::Space) -> wire::spaces::Space {
    wire::spaces::Space {
        space_id: space.space_id.0,
        agent_id: space.agent_id.0,
        name: space.name,
        privacy_mode: space.privacy_mode,
        created_at: space.created_at.to_string(),
    }
}

/// A device, without its token.
#[must_use]
pub fn device(device: devices::Device) -> wire::devices::Device {
    wire::devices::Device {
        device_id: device.device_id.0,
        agent_id: device.agent_id.0,
        name: device.name,
        scopes: device.scopes,
        created_at: device.created_at.to_string(),
        revoked_at: device.revoked_at.map(|time| time.to_string()),
    }
}

/// A person.
#[must_use]
pub fn person(person: people::Person) -> wire::people::Person {
    wire::people::Person {
        person_id: person.person_id.0,
        agent_id: person.agent_id.0,
        name: person.name,
        created_at: person.created_at.to_string(),
    }
}

/// A token, without its secret.
#[must_use]
pub fn token(token: tokens::Token) -> wire::tokens::Token {
    use crate::vocabulary::PrincipalKind;
    // An operator's token has neither; a delegate's has both, were they empty.
    let delegates = token.kind == PrincipalKind::Delegate;
    wire::tokens::Token {
        token_id: token.token_id.0,
        agent_id: token.agent_id.0,
        kind: token.kind,
        name: token.name,
        person_id: token.person_id.map(|id| id.0),
        role: token.role,
        scopes: delegates.then_some(token.scopes),
        spaces: delegates.then(|| token.spaces.into_iter().map(|id| id.0).collect()),
        created_at: token.created_at.to_string(),
        expires_at: token.expires_at.map(|time| time.to_string()),
        revoked_at: token.revoked_at.map(|time| time.to_string()),
    }
}

/// A token that is asked for.
///
/// # Errors
/// `invalid` for a malformed expiry.
pub fn new_token(body: wire::tokens::CreateToken) -> Result<tokens::NewToken> {
    Ok(match body {
        wire::tokens::CreateToken::Operator { person_id, role } => {
            tokens::NewToken::Operator { person_id: person_id.into(), role }
        }
        wire::tokens::CreateToken::Delegate { name, scopes, spaces, expires_at } => {
            tokens::NewToken::Delegate {
                name,
                scopes,
                spaces: spaces.into_iter().map(Into::into).collect(),
                expires_at: super::time(&expires_at, "expires_at")?,
            }
        }
    })
}

/// A token that was made, with its secret, this once.
#[must_use]
pub fn token_created(token: &tokens::Token, told: &sensitive::Secret) -> wire::tokens::TokenCreated {
    wire::tokens::TokenCreated {
        token_id: token.token_id.0,
        agent_id: token.agent_id.0,
        kind: token.kind,
        token: secret(told),
        expires_at: token.expires_at.map(|time| time.to_string()),
    }
}

/// A job of this agent that was given up.
#[must_use]
pub fn dead_letter(agent: AgentId, letter: DeadLetter) -> wire::dead_letters::DeadLetter {
    wire::dead_letters::DeadLetter {
        dead_letter_id: letter.dead_letter_id.0,
        agent_id: agent.0,
        queue: letter.queue,
        attempts: u32::try_from(letter.attempts).unwrap_or(u32::MAX),
        reason: letter.reason,
        created_at: letter.enqueued_at.to_string(),
        about: letter.key,
    }
}

/// A grant of a person of this agent.
#[must_use]
pub fn consent(agent: AgentId, grant: Grant) -> wire::consents::Consent {
    wire::consents::Consent {
        consent_id: grant.consent_id.0,
        person_id: grant.person_id.0,
        agent_id: agent.0,
        kind: grant.kind,
        granted_at: grant.granted_at.to_string(),
        expires_at: grant.expires_at.map(|time| time.to_string()),
        revoked_at: grant.revoked_at.map(|time| time.to_string()),
    }
}

/// Who was seen where.
#[must_use]
pub fn presence(presence: Presence) -> wire::presence::Presence {
    let (person_id, device_id) = match presence.subject {
        Subject::Person(id) => (Some(id.0), None),
        Subject::Device(id) => (None, Some(id.0)),
    };
    wire::presence::Presence {
        space_id: presence.space_id.0,
        person_id,
        device_id,
        state: presence.state,
        since: presence.since.to_string(),
        observed_at: presence.observed_at.to_string(),
        expires_at: presence.expires_at.to_string(),
    }
}

/// A type of event that the agent registered.
#[must_use]
pub fn event_type(custom: CustomType) -> wire::events::EventType {
    wire::events::EventType {
        event_type: custom.name,
        schema: custom.schema,
        registered_at: custom.updated_at.to_string(),
    }
}
