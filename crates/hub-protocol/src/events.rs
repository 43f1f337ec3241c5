//! Events: what happened, one or a batch, and what became of each.

mod batch;

pub use batch::{EventsRequest, IncomingEvent, MalformedEvent};

use crate::problem::PartProblem;
use crate::shape::{answers, requests};
use crate::vocabulary::{EventStatus, Modality, SpeakerRole};
use serde_json::{Map, Value};
use uuid::Uuid;

requests! {
    /// One event as it is sent.
    pub struct NewEvent {
        /// Chosen by the sender; unique within the agent.
        pub event_id: Uuid,
        /// Where.
        pub space_id: Uuid,
        /// Which of the event types.
        #[serde(rename = "type")]
        pub event_type: String,
        /// RFC 3339; any past time, at most [`crate::limits::OCCURRED_AHEAD_HOURS`] hours ahead.
        pub occurred_at: String,
        /// Who, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub person_id: Option<Uuid>,
        /// As the type demands; at most [`crate::limits::PAYLOAD_BYTES`] bytes. Of a key given
        /// twice, the last value counts.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        pub payload: Map<String, Value>,
    }

    /// Payload of a `transcript_chunk`.
    pub struct TranscriptChunk {
        /// At most [`crate::limits::TEXT_BYTES`] bytes.
        pub text: String,
        /// A person or the agent.
        pub role: SpeakerRole,
        /// The speaker's label, such as `Anna`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub speaker: Option<String>,
        /// Absent is `text`.
        #[serde(default = "typed")]
        pub modality: Modality,
        /// How sure the recogniser is, 0 to 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub confidence: Option<f64>,
        /// BCP 47 tag.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub language: Option<String>,
    }
}

const fn typed() -> Modality {
    Modality::Text
}

answers! {
    /// An event as it is kept.
    pub struct Event {
        /// Which.
        pub event_id: Uuid,
        /// Whose.
        pub agent_id: Uuid,
        /// Where.
        pub space_id: Uuid,
        /// Which of the event types.
        #[serde(rename = "type")]
        pub event_type: String,
        /// RFC 3339, by the sender.
        pub occurred_at: String,
        /// RFC 3339, by the hub.
        pub received_at: String,
        /// Who, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub person_id: Option<Uuid>,
        /// As it was sent.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        pub payload: Map<String, Value>,
    }

    /// Answer to `POST /v1/events`.
    pub struct EventsAnswer {
        /// One for each event, in the order sent.
        pub results: Vec<EventResult>,
    }

    /// What became of one event.
    pub struct EventResult {
        /// As sent; `null` where none could be read.
        pub event_id: Option<Uuid>,
        /// Its outcome.
        pub status: EventStatus,
        /// Why it was refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub problem: Option<PartProblem>,
    }

    /// A registered type of event.
    pub struct EventType {
        /// `custom.` and a name.
        #[serde(rename = "type")]
        pub event_type: String,
        /// JSON Schema of its payload.
        pub schema: Value,
        /// RFC 3339.
        pub registered_at: String,
    }
}

/// `PUT /v1/agents/{agent_id}/event-types/{type}`: a JSON Schema, either bare or as
/// `{"schema": …}`; at most [`crate::limits::SCHEMA_BYTES`] bytes.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(from = "Map<String, Value>")]
pub struct PutEventType {
    /// JSON Schema of the payload.
    pub schema: Value,
}

impl From<Map<String, Value>> for PutEventType {
    fn from(mut body: Map<String, Value>) -> Self {
        // `schema` is no keyword of JSON Schema, so alone it can only be the wrapper.
        let wrapped = if body.len() == 1 { body.remove("schema") } else { None };
        Self { schema: wrapped.unwrap_or(Value::Object(body)) }
    }
}
