//! A batch in which every event has its shape, read in one go.
//!
//! It is never more lenient than reading event by event: whatever that would refuse, or answer with a reason, is an
//! error here, whose text nobody sees.

use super::{EventsRequest, IncomingEvent, Key, NewEvent, TOO_MANY};
use crate::limits::EVENTS_PER_REQUEST;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The whole request.
pub(super) struct Sound(pub(super) EventsRequest);

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(BatchVisitor)
    }
}

struct BatchVisitor;

impl<'de> Visitor<'de> for BatchVisitor {
    type Value = Sound;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `events`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sound, A::Error> {
        let (mut events, mut sent_at) = (None, None);
        while let Some(Key(key)) = map.next_key()? {
            match key.as_ref() {
                "events" if events.is_none() => events = Some(map.next_value::<Events>()?.0),
                "sent_at" if sent_at.is_none() => sent_at = Some(map.next_value::<Option<String>>()?),
                // Also a single event, whose fields stand here.
                _ => return Err(A::Error::custom("something else than a batch")),
            }
        }
        let events = events.filter(|events| !events.is_empty());
        let events = events.ok_or_else(|| A::Error::custom("no events"))?;
        Ok(Sound(EventsRequest { events, sent_at: sent_at.flatten(), single: false }))
    }
}

struct Events(Vec<IncomingEvent>);

impl<'de> Deserialize<'de> for Events {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(EventsVisitor)
    }
}

struct EventsVisitor;

impl<'de> Visitor<'de> for EventsVisitor {
    type Value = Events;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Events, A::Error> {
        let mut events = Vec::new();
        while let Some(Event(event)) = seq.next_element()? {
            if events.len() == EVENTS_PER_REQUEST {
                return Err(A::Error::custom(TOO_MANY));
            }
            events.push(IncomingEvent::Event(event));
        }
        Ok(Events(events))
    }
}

/// An event that is an object: its shape by itself would take an array, its items for the fields in their order.
struct Event(NewEvent);

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EventVisitor)
    }
}

struct EventVisitor;

impl<'de> Visitor<'de> for EventVisitor {
    type Value = Event;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Event, A::Error> {
        NewEvent::deserialize(MapAccessDeserializer::new(map)).map(Event)
    }
}
