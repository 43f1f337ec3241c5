//! The types of events and what their payloads must hold. Pure: reads a payload, decides nothing.

use crate::ids::ArtifactId;
use crate::{Error, Result};
use hub_protocol::limits;
use hub_protocol::vocabulary::{ConsentKind, Modality, SpeakerRole};
use serde_json::{Map, Value};

/// The closed set of event types, and the open one of an agent's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventType {
    /// A stretch of recognised or typed speech.
    TranscriptChunk,
    /// A typed message.
    ChatMessage,
    /// Something a sensor noticed: a person, a sound, motion, a scene.
    Observation,
    /// A reference to a stored artifact.
    ArtifactReference,
    /// How a device is; only from that device.
    DeviceStatus,
    /// A reminder has come due; only from the hub's own timer.
    ReminderDue,
    /// Somebody joined.
    Joined,
    /// Somebody left.
    Left,
    /// Speech was interrupted.
    Interrupted,
    /// A turn ended.
    TurnEnded,
    /// A type that the agent registered with a JSON Schema.
    Custom,
}

impl EventType {
    /// Reads the name of a type.
    ///
    /// # Errors
    /// `invalid` for a name that is neither built in nor begins with `custom.`.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "transcript_chunk" => Self::TranscriptChunk,
            "chat_message" => Self::ChatMessage,
            "observation" => Self::Observation,
            "artifact_reference" => Self::ArtifactReference,
            "device_status" => Self::DeviceStatus,
            "reminder_due" => Self::ReminderDue,
            "joined" => Self::Joined,
            "left" => Self::Left,
            "interrupted" => Self::Interrupted,
            "turn_ended" => Self::TurnEnded,
            name if is_custom(name) => Self::Custom,
            _ => {
                return Err(Error::invalid(
                    "unknown_event_type",
                    "not a type of event; types of your own begin with `custom.`",
                )
                .field("type"));
            }
        })
    }

    /// Whether events of this type are talk: remembered word for word and planned on.
    #[must_use]
    pub fn is_talk(self) -> bool {
        matches!(self, Self::TranscriptChunk | Self::ChatMessage)
    }
}

/// Whether a name may be given to a type of an agent's own: `custom.` and then 1 to 90 of
/// `a-z 0-9 _ .`.
#[must_use]
pub(crate) fn is_custom(name: &str) -> bool {
    name.strip_prefix("custom.").is_some_and(|rest| {
        (1..=90).contains(&rest.len())
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.'))
    })
}

/// What the hub itself needs to know of a payload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) role: Option<SpeakerRole>,
    pub(crate) modality: Option<Modality>,
    /// The consent that storing this event needs from the person it names.
    pub(crate) consent: Option<ConsentKind>,
    /// Identifies a body: needs the scope `biometrics:write` too.
    pub(crate) biometric: bool,
    /// The artifact that it refers to.
    pub(crate) artifact: Option<ArtifactId>,
}

/// Checks a payload against its type and reads what the hub needs. Custom types are checked
/// against their registered schema elsewhere.
pub(crate) fn read(kind: EventType, payload: &Map<String, Value>) -> Result<Reading> {
    match kind {
        EventType::TranscriptChunk | EventType::ChatMessage => talk(payload),
        EventType::Observation => observation(payload),
        EventType::DeviceStatus | EventType::Custom => Ok(Reading::default()),
        EventType::ReminderDue => {
            text(payload)?;
            known(payload, &["text", "action_id"])?;
            Ok(Reading { role: Some(SpeakerRole::Agent), ..Reading::default() })
        }
        EventType::ArtifactReference => {
            known(payload, &["artifact_id", "text"])?;
            if payload.contains_key("text") {
                text(payload)?;
            }
            Ok(Reading { artifact: Some(artifact(payload)?), ..Reading::default() })
        }
        EventType::Joined | EventType::Left | EventType::Interrupted | EventType::TurnEnded => {
            Ok(Reading { role: word(payload, "role")?, ..Reading::default() })
        }
    }
}

/// Whether somebody's consent is needed for such an event; one that is malformed is refused anyhow.
pub(crate) fn needs_consent(event_type: &str, payload: &Map<String, Value>) -> bool {
    let reading = EventType::parse(event_type).and_then(|kind| read(kind, payload));
    reading.is_ok_and(|reading| reading.consent.is_some())
}

/// The artifact that an event refers to, when it is one that refers to any.
pub(crate) fn artifact_of(event_type: &str, payload: &Map<String, Value>) -> Option<ArtifactId> {
    if event_type == "artifact_reference" { artifact(payload).ok() } else { None }
}

fn artifact(payload: &Map<String, Value>) -> Result<ArtifactId> {
    let wanted = || invalid("payload.artifact_id", "the id of an artifact");
    ArtifactId::parse(string(payload, "artifact_id")?.ok_or_else(wanted)?).map_err(|_| wanted())
}

fn talk(payload: &Map<String, Value>) -> Result<Reading> {
    known(payload, &["text", "role", "speaker", "modality", "confidence", "language"])?;
    text(payload)?;
    bounded(payload, "speaker")?;
    bounded(payload, "language")?;
    confidence(payload)?;
    let role = word(payload, "role")?.unwrap_or(SpeakerRole::User);
    let modality = word(payload, "modality")?.unwrap_or(Modality::Text);
    let spoken = modality == Modality::Voice && role == SpeakerRole::User;
    Ok(Reading {
        role: Some(role),
        modality: Some(modality),
        consent: spoken.then_some(ConsentKind::Voice),
        ..Reading::default()
    })
}

/// An observation says what was noticed; what more it says is the sensor's own, within the bound
/// of the payload.
fn observation(payload: &Map<String, Value>) -> Result<Reading> {
    string(payload, "kind")?
        .filter(|kind| matches!(*kind, "person" | "sound" | "motion" | "scene"))
        .ok_or_else(|| invalid("payload.kind", "one of: person sound motion scene"))?;
    confidence(payload)?;
    bounded(payload, "modality")?;
    let consent = match string(payload, "modality")? {
        Some("voice") => Some(ConsentKind::Voice),
        Some("face") => Some(ConsentKind::Face),
        _ => None,
    };
    Ok(Reading { consent, biometric: consent.is_some(), ..Reading::default() })
}

fn text(payload: &Map<String, Value>) -> Result<()> {
    let text = string(payload, "text")?.ok_or_else(|| invalid("payload.text", "text"))?;
    if text.len() > limits::TEXT_BYTES {
        return Err(Error::limit(
            "text_too_long",
            "the text is too long",
            format!("{} bytes", limits::TEXT_BYTES),
        )
        .field("payload.text"));
    }
    Ok(())
}

fn confidence(payload: &Map<String, Value>) -> Result<Option<f64>> {
    match payload.get("confidence") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64() {
            Some(number) if (0.0..=1.0).contains(&number) => Ok(Some(number)),
            _ => Err(invalid("payload.confidence", "a number from 0 to 1")),
        },
    }
}

fn known(payload: &Map<String, Value>, fields: &[&str]) -> Result<()> {
    match payload.keys().find(|key| !fields.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => {
            let shown: String = key.chars().take(60).collect();
            Err(Error::invalid("unknown_field", format!("known fields: {}", fields.join(" ")))
                .field(format!("payload.{shown}")))
        }
    }
}

fn string<'p>(payload: &'p Map<String, Value>, field: &str) -> Result<Option<&'p str>> {
    match payload.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(format!("payload.{field}"), "text")),
    }
}

fn bounded(payload: &Map<String, Value>, field: &str) -> Result<()> {
    match string(payload, field)? {
        Some(text) if text.chars().count() > limits::NAME_CHARS => Err(Error::limit(
            "text_too_long",
            "the text is too long",
            format!("{} characters", limits::NAME_CHARS),
        )
        .field(format!("payload.{field}"))),
        _ => Ok(()),
    }
}

fn word<T: std::str::FromStr<Err = hub_protocol::vocabulary::UnknownWord>>(
    payload: &Map<String, Value>,
    field: &str,
) -> Result<Option<T>> {
    string(payload, field)?
        .map(|word| {
            word.parse().map_err(|error: T::Err| invalid(format!("payload.{field}"), error.to_string()))
        })
        .transpose()
}

fn invalid(field: impl Into<String>, expected: impl std::fmt::Display) -> Error {
    Error::invalid("invalid_payload", format!("expected {expected}")).field(field)
}
