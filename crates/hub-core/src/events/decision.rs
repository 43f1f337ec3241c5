//! What becomes of one event: a pure decision from the event and what the transaction read.

use super::kind::{self, EventType, Reading};
use super::new_event::NewEvent;
use crate::clock::Timestamp;
use crate::consent::Grant;
use crate::context::Principal;
use crate::ids::{ArtifactId, ConsentId, PersonId, SpaceId};
use crate::schema::JsonSchema;
use crate::{Error, Result};
use hub_protocol::limits;
use hub_protocol::vocabulary::{Role, Scope, SpeakerRole};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// What the transaction read of a space.
#[derive(Debug, Clone, Default)]
pub(crate) struct SpaceState {
    pub(crate) private_now: bool,
    /// When the space was private; the end is absent while it still is.
    pub(crate) private_intervals: Vec<(Timestamp, Option<Timestamp>)>,
}

/// What the transaction read, for all events that it decides about.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) spaces: HashMap<SpaceId, SpaceState>,
    pub(crate) people: HashSet<PersonId>,
    pub(crate) grants: HashMap<PersonId, Vec<Grant>>,
    pub(crate) schemas: HashMap<String, Arc<JsonSchema>>,
    /// Artifacts, and where they were made.
    pub(crate) artifacts: HashMap<ArtifactId, SpaceId>,
}

/// An event that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Storable {
    pub(crate) kind: EventType,
    pub(crate) reading: Reading,
    /// Who said it: the one named, or the operator who sent it.
    pub(crate) person_id: Option<PersonId>,
    pub(crate) consent_id: Option<ConsentId>,
}

/// What becomes of an event whose id is new.
#[derive(Debug, Clone)]
pub(crate) enum Decision {
    Store(Storable),
    Private,
    Refuse(Error),
    /// Refused for want of consent, which is recorded.
    NoConsent(Error),
}

/// Decides. `clock_error` is how far the sender's clock is from the hub's, in either direction.
pub(crate) fn decide(
    event: &NewEvent,
    principal: &Principal,
    known: &Known,
    now: Timestamp,
    clock_error: Duration,
) -> Decision {
    let Some(space) = known.spaces.get(&event.space_id) else {
        return Decision::Refuse(Error::not_found("unknown_space", "no such space").field("space_id"));
    };
    // Privacy is asked before anything of the content is looked at.
    if is_private(space, event.occurred_at, clock_error) {
        return Decision::Private;
    }
    let mut storable = match check(event, principal, known, now) {
        Ok(storable) => storable,
        Err(error) => return Decision::Refuse(error),
    };
    if let Some(needed) = storable.reading.consent {
        let Some(person) = storable.person_id else {
            return Decision::Refuse(
                Error::invalid("person_required", format!("{needed} needs the person whose it is"))
                    .field("person_id"),
            );
        };
        let grants = known.grants.get(&person).map_or(&[][..], Vec::as_slice);
        match crate::consent::decision::live(grants, needed, now) {
            Some(consent_id) => storable.consent_id = Some(consent_id),
            None => {
                return Decision::NoConsent(
                    Error::denied("no_consent", format!("this person has no live grant of {needed}"))
                        .field("person_id"),
                );
            }
        }
    }
    Decision::Store(storable)
}

/// Whether the space is private now, or was at `occurred_at`, give or take the clock error.
fn is_private(space: &SpaceState, occurred_at: Timestamp, clock_error: Duration) -> bool {
    is_private_between(space, occurred_at.before(clock_error), occurred_at.after(clock_error))
}

/// Whether the space is private now, or was at any moment of this stretch.
pub(crate) fn is_private_between(space: &SpaceState, earliest: Timestamp, latest: Timestamp) -> bool {
    space.private_now
        || space
            .private_intervals
            .iter()
            .any(|(start, end)| *start <= latest && end.is_none_or(|end| earliest <= end))
}

fn check(event: &NewEvent, principal: &Principal, known: &Known, now: Timestamp) -> Result<Storable> {
    let kind = EventType::parse(&event.event_type)?;
    let ahead = Duration::from_secs(limits::OCCURRED_AHEAD_HOURS.unsigned_abs() * 3_600);
    if event.occurred_at > now.after(ahead) {
        return Err(Error::invalid("occurred_at_ahead", "the event lies too far ahead of the hub's clock")
            .field("occurred_at")
            .at_limit(format!("{} hours", limits::OCCURRED_AHEAD_HOURS)));
    }
    let reading = kind::read(kind, &event.payload)?;
    if kind == EventType::Custom {
        let schema = known.schemas.get(&event.event_type).ok_or_else(|| {
            Error::invalid("unknown_event_type", "no schema is registered for this type").field("type")
        })?;
        schema.check(&serde_json::Value::Object(event.payload.clone()), "payload")?;
    }
    if let Some(artifact) = reading.artifact
        && known.artifacts.get(&artifact) != Some(&event.space_id)
    {
        return Err(Error::not_found("unknown_artifact", "no such artifact in this space")
            .field("payload.artifact_id"));
    }
    may_send(event, kind, reading, principal)?;
    let person_id = event.person_id.or(match principal {
        Principal::Operator { person_id, .. } if kind.is_talk() => Some(*person_id),
        _ => None,
    });
    if let Some(person) = person_id
        && !known.people.contains(&person)
    {
        return Err(Error::not_found("unknown_person", "no such person").field("person_id"));
    }
    Ok(Storable { kind, reading, person_id, consent_id: None })
}

/// Whether this principal may send this event. Scope and space were asked by the guard.
fn may_send(event: &NewEvent, kind: EventType, reading: Reading, principal: &Principal) -> Result<()> {
    let ours = matches!(principal, Principal::Worker { .. });
    if reading.role == Some(SpeakerRole::Agent) && !ours {
        return Err(Error::denied("agent_role", "only the hub's own workers speak as the agent")
            .field("payload.role"));
    }
    match (kind, principal) {
        (EventType::ReminderDue, _) if !ours => {
            return Err(
                Error::denied("reserved_type", "only the hub's own timer posts this type").field("type")
            );
        }
        (EventType::DeviceStatus, Principal::Device { .. }) => {}
        (EventType::DeviceStatus, _) => {
            return Err(Error::denied("reserved_type", "only a device posts its status").field("type"));
        }
        _ => {}
    }
    match principal {
        Principal::Operator { person_id, .. } if event.person_id.is_some_and(|named| named != *person_id) => {
            Err(Error::denied("another_person", "an operator does not speak as another person")
                .field("person_id"))
        }
        Principal::Operator { role: Role::Guest, .. } if reading.biometric => Err(no_biometrics()),
        Principal::Device { scopes, .. } | Principal::Delegate { scopes, .. }
            if reading.biometric && !scopes.contains(&Scope::BiometricsWrite) =>
        {
            Err(no_biometrics())
        }
        _ => Ok(()),
    }
}

fn no_biometrics() -> Error {
    Error::denied("missing_scope", format!("this needs the scope {}", Scope::BiometricsWrite))
        .field("payload.modality")
}
