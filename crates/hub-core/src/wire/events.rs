//! Events and their outcomes.

use super::problem::{part, undecodable};
use super::time;
use crate::Result;
use crate::events::{Batch, Event, EventOutcome, NewEvent};
use crate::ids::{AgentId, EventId};
use hub_protocol::events as wire;

/// The events of a request. One that cannot be read is carried along with its reason.
///
/// # Errors
/// `invalid` for the sender's clock.
pub fn batch(request: wire::EventsRequest) -> Result<Batch> {
    let sent_at = super::optional_time(request.sent_at.as_ref(), "sent_at")?;
    let events = request.events.into_iter().map(|event| match event {
        wire::IncomingEvent::Event(event) => {
            let id = EventId(event.event_id);
            new_event(event).map_err(|error| (Some(id), error))
        }
        wire::IncomingEvent::Malformed(bad) => Err((bad.event_id.map(EventId), undecodable(bad.problem))),
    });
    Ok(Batch { events: events.collect(), sent_at })
}

fn new_event(event: wire::NewEvent) -> Result<NewEvent> {
    Ok(NewEvent {
        event_id: event.event_id.into(),
        space_id: event.space_id.into(),
        occurred_at: time(&event.occurred_at, "occurred_at")?,
        event_type: event.event_type,
        person_id: event.person_id.map(Into::into),
        payload: event.payload,
    })
}

/// What became of each event, in the order in which they came.
#[must_use]
pub fn outcomes(outcomes: Vec<EventOutcome>) -> wire::EventsAnswer {
    let results = outcomes.into_iter().map(|outcome| wire::EventResult {
        event_id: outcome.event_id.map(|id| id.0),
        status: outcome.status,
        problem: outcome.problem.as_ref().map(part),
    });
    wire::EventsAnswer { results: results.collect() }
}

/// An event of this agent.
#[must_use]
pub fn event(agent: AgentId, event: Event) -> wire::Event {
    wire::Event {
        event_id: event.event_id.0,
        agent_id: agent.0,
        space_id: event.space_id.0,
        event_type: event.event_type,
        occurred_at: event.occurred_at.to_string(),
        received_at: event.received_at.to_string(),
        person_id: event.person_id.map(|id| id.0),
        payload: event.payload,
    }
}
