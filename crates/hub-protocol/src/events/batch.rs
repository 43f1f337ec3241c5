//! Reading one event or a batch, so that one bad event never holds back the others.
//!
//! A batch in which every event has its shape, which is nearly each, is read in one go. Any other is scanned without
//! building anything, which finds syntax errors and the bounds of each event; then each event is decoded by itself.

use super::NewEvent;
use crate::decode::{DecodeError, decode_text, is_object, text_of};
use crate::limits::EVENTS_PER_REQUEST;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};
use sound::Sound;
use std::borrow::Cow;
use std::fmt;
use uuid::Uuid;

/// Body of `POST /v1/events`: one event, or `{"events": […], "sent_at"?}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventsRequest {
    /// In the order sent; 1 to [`EVENTS_PER_REQUEST`].
    pub events: Vec<IncomingEvent>,
    /// RFC 3339: the sender's clock when it sent this; absent is the hub's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
    /// Whether the body was one event, not a batch.
    #[serde(skip)]
    pub single: bool,
}

/// One event of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum IncomingEvent {
    /// Its shape is right; its content is still to be judged.
    Event(NewEvent),
    /// Its shape is wrong. Never sent.
    #[serde(skip)]
    Malformed(MalformedEvent),
}

/// An event that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedEvent {
    /// Its id, where at least that could be read.
    pub event_id: Option<Uuid>,
    /// What is wrong with it.
    pub problem: DecodeError,
}

impl EventsRequest {
    /// A batch to be sent.
    #[must_use]
    pub fn batch(events: Vec<NewEvent>, sent_at: Option<String>) -> Self {
        Self { events: events.into_iter().map(IncomingEvent::Event).collect(), sent_at, single: false }
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] where no event can be told apart: wrong UTF-8 or JSON, `events` that is no
    /// array, no event or more than [`EVENTS_PER_REQUEST`], fields beside the batch. What is wrong
    /// with one event is in [`IncomingEvent::Malformed`] instead.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let text = text_of(body)?;
        serde_json::from_str(text).map_or_else(|_| Self::apart(text), |Sound(request)| Ok(request))
    }

    /// Reads event by event.
    fn apart(text: &str) -> Result<Self, DecodeError> {
        let outline: Outline<'_> = serde_json::from_str(text).map_err(|error| outline_error(&error))?;
        let Some(raw) = outline.events else {
            let single = decode_text::<SingleEvent>(text);
            let (events, sent_at) = match single {
                Ok(event) => event.split(),
                Err(problem) => (malformed(text, problem), outline.sent_at.and_then(Result::ok)),
            };
            return Ok(Self { events: vec![events], sent_at, single: true });
        };
        if let Some(field) = outline.stray {
            return Err(DecodeError::at(
                "unknown_field",
                &field,
                format!("unknown field `{field}` beside `events`"),
            ));
        }
        if raw.is_empty() || raw.len() > EVENTS_PER_REQUEST {
            return Err(wrong_number());
        }
        let sent_at = outline.sent_at.transpose()?;
        Ok(Self { events: raw.into_iter().map(incoming).collect(), sent_at, single: false })
    }
}

fn wrong_number() -> DecodeError {
    DecodeError {
        limit: Some(format!("1 to {EVENTS_PER_REQUEST} events")),
        ..DecodeError::at(
            "too_many_events",
            "events",
            format!("a request carries 1 to {EVENTS_PER_REQUEST} events"),
        )
    }
}

fn incoming(raw: &RawValue) -> IncomingEvent {
    match decode_text::<NewEvent>(raw.get()) {
        Ok(event) => IncomingEvent::Event(event),
        Err(problem) => malformed(raw.get(), problem),
    }
}

#[cold]
fn malformed(text: &str, mut problem: DecodeError) -> IncomingEvent {
    #[derive(serde::Deserialize)]
    struct IdAlone<'a> {
        #[serde(borrow)]
        event_id: Option<Cow<'a, str>>,
    }
    // The outline was sound, so what looks like bad JSON here is a number, an escape or a depth
    // that no value can hold.
    if problem.code == "invalid_json" {
        problem.code = "invalid_field";
    }
    let read = if is_object(text) { serde_json::from_str::<IdAlone<'_>>(text).ok() } else { None };
    let id = read.and_then(|found| found.event_id);
    IncomingEvent::Malformed(MalformedEvent {
        event_id: id.and_then(|id| Uuid::parse_str(&id).ok()),
        problem,
    })
}

/// One event with the sender's clock beside its fields.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct SingleEvent {
    event_id: Uuid,
    space_id: Uuid,
    #[serde(rename = "type")]
    event_type: String,
    occurred_at: String,
    #[serde(default)]
    person_id: Option<Uuid>,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    payload: Map<String, Value>,
    #[serde(default)]
    sent_at: Option<String>,
}

impl SingleEvent {
    fn split(self) -> (IncomingEvent, Option<String>) {
        let event = NewEvent {
            event_id: self.event_id,
            space_id: self.space_id,
            event_type: self.event_type,
            occurred_at: self.occurred_at,
            person_id: self.person_id,
            payload: self.payload,
        };
        (IncomingEvent::Event(event), self.sent_at)
    }
}

/// The bounds of what is in a body.
#[derive(Default)]
struct Outline<'a> {
    events: Option<Vec<&'a RawValue>>,
    sent_at: Option<Result<String, DecodeError>>,
    stray: Option<String>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Outline<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OutlineVisitor)
    }
}

struct OutlineVisitor;

impl<'de> Visitor<'de> for OutlineVisitor {
    type Value = Outline<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event, or an object with `events`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outline<'de>, A::Error> {
        let mut outline = Outline::default();
        while let Some(Key(key)) = map.next_key()? {
            match key.as_ref() {
                "events" if outline.events.is_some() => {
                    return Err(A::Error::duplicate_field("events"));
                }
                "events" => outline.events = Some(map.next_value::<Elements<'de>>()?.0),
                "sent_at" if outline.sent_at.is_some() => {
                    return Err(A::Error::duplicate_field("sent_at"));
                }
                "sent_at" => outline.sent_at = sent_at(map.next_value::<&RawValue>()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    outline.stray.get_or_insert_with(|| key.chars().take(100).collect());
                }
            }
        }
        Ok(outline)
    }
}

fn sent_at(raw: &RawValue) -> Option<Result<String, DecodeError>> {
    match serde_json::from_str::<Option<String>>(raw.get()) {
        Ok(time) => time.map(Ok),
        Err(_) => Some(Err(DecodeError::at("invalid_field", "sent_at", "sent_at is not a text"))),
    }
}

/// A key without a copy, unless it is written with escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The elements of `events`; one more than allowed ends the reading.
struct Elements<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Elements<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ElementsVisitor)
    }
}

/// Carries the refusal through the parser's error, whose text is all that comes out.
const TOO_MANY: &str = "more events than a request may carry";

struct ElementsVisitor;

impl<'de> Visitor<'de> for ElementsVisitor {
    type Value = Elements<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Elements<'de>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element::<&RawValue>()? {
            if elements.len() == EVENTS_PER_REQUEST {
                return Err(A::Error::custom(TOO_MANY));
            }
            elements.push(element);
        }
        Ok(Elements(elements))
    }
}

fn outline_error(error: &serde_json::Error) -> DecodeError {
    let message = error.to_string();
    if message.starts_with(TOO_MANY) {
        wrong_number()
    } else if message.contains("an array of events") {
        DecodeError::at("invalid_field", "events", "events is not an array")
    } else if let Some(field) =
        message.strip_prefix("duplicate field `").and_then(|rest| rest.split('`').next())
    {
        DecodeError::at("invalid_field", field, format!("{field} is given twice"))
    } else if error.is_data() {
        DecodeError { code: "invalid_field", ..DecodeError::not_json("the body is not an object") }
    } else {
        DecodeError::not_json(error)
    }
}

mod sound;

#[cfg(feature = "openapi")]
mod openapi;
#[cfg(test)]
mod tests;
