//! Events as callers hand them in, and what became of them.

use crate::Error;
use crate::clock::Timestamp;
use crate::ids::{EventId, PersonId, SpaceId};
use hub_protocol::vocabulary::EventStatus;
use serde_json::{Map, Value};

/// One event as a caller hands it in. Texts are checked when it is stored, so that one bad event
/// of a batch is refused alone.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Made by the caller; storing the same id again is a duplicate.
    pub event_id: EventId,
    /// Where it happened.
    pub space_id: SpaceId,
    /// What kind of event, such as `transcript_chunk`.
    pub event_type: String,
    /// When it happened. Any past time; at most 24 hours ahead of the hub's clock.
    pub occurred_at: Timestamp,
    /// Who did or said it.
    pub person_id: Option<PersonId>,
    /// What happened, in the shape that the type demands; at most 128 KiB of canonical JSON.
    pub payload: Map<String, Value>,
}

impl NewEvent {
    /// Something that the caller says in a space now, as a `transcript_chunk` with an id of the
    /// hub's.
    ///
    /// # Errors
    /// `unavailable` when the machine gives no randomness for the id.
    pub fn said(hub: &crate::Hub, space_id: SpaceId, text: impl Into<String>) -> crate::Result<Self> {
        let mut payload = Map::new();
        payload.insert("text".to_owned(), Value::String(text.into()));
        payload.insert("role".to_owned(), Value::String("user".to_owned()));
        let occurred_at = hub.inner.now();
        Ok(Self {
            event_id: EventId(hub.inner.store.new_id(occurred_at)?),
            space_id,
            event_type: "transcript_chunk".to_owned(),
            occurred_at,
            person_id: None,
            payload,
        })
    }
}

/// Events of one request, 1 to 1,000.
#[derive(Debug, Clone)]
pub struct Batch {
    /// In the order in which they are to be stored. An element that could not be read carries its
    /// id, where that is known, and the reason.
    pub events: Vec<Result<NewEvent, (Option<EventId>, Error)>>,
    /// The sender's clock at sending; its difference from the hub's is the sender's clock error.
    pub sent_at: Option<Timestamp>,
}

impl From<Vec<NewEvent>> for Batch {
    fn from(events: Vec<NewEvent>) -> Self {
        Self { events: events.into_iter().map(Ok).collect(), sent_at: None }
    }
}

impl From<NewEvent> for Batch {
    fn from(event: NewEvent) -> Self {
        vec![event].into()
    }
}

/// What became of one event.
#[derive(Debug, Clone)]
pub struct EventOutcome {
    /// Which; absent when the event could not be read far enough to know.
    pub event_id: Option<EventId>,
    /// What became of it.
    pub status: EventStatus,
    /// Why it was refused.
    pub problem: Option<Error>,
}

impl EventOutcome {
    pub(crate) fn of(event_id: EventId, status: EventStatus) -> Self {
        Self { event_id: Some(event_id), status, problem: None }
    }

    pub(crate) fn refused(event_id: Option<EventId>, problem: Error) -> Self {
        Self { event_id, status: EventStatus::Refused, problem: Some(problem) }
    }
}
