//! Files of talk, as `hub replay` feeds them. Pure: bytes to events.
//!
//! One JSON object a line, all in one of two formats: events as the REST interface takes them, in which
//! `event_id` and `space_id` may be absent; or meetings, `{"meeting_transcripts": [{"speaker", "content"}, …]}`.
//! Ids that the file does not give follow from its bytes, so that a file that is fed again finds duplicates.

mod line;
mod meeting;

pub use line::event;
pub use meeting::{Meeting, Place, Turn};

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::fmt;
use uuid::Uuid;

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// Its lines.
    pub content: Content,
}

/// The lines of a file, of one format.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Each line is an event.
    Events(Vec<Map<String, Value>>),
    /// Each line is a meeting.
    Meetings(Vec<Meeting>),
}

/// Why a file is no transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The line at fault, from 1, where one is.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl std::error::Error for Unreadable {}

impl Unreadable {
    fn whole(what: impl Into<String>) -> Self {
        Self { line: None, what: what.into() }
    }
}

/// Reads the whole file, so that a line that cannot be read leaves no half replay.
///
/// # Errors
/// [`Unreadable`] for wrong UTF-8 or JSON, a line of neither format, lines of both, and a file without lines.
pub fn read(bytes: &[u8]) -> Result<Transcript, Unreadable> {
    let text =
        std::str::from_utf8(bytes).map_err(|cause| Unreadable::whole(format!("it is not UTF-8: {cause}")))?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let (mut events, mut meetings) = (Vec::new(), Vec::new());
    for (number, line) in lines {
        let wrong = |what: String| Unreadable { line: Some(number), what };
        let object: Map<String, Value> =
            serde_json::from_str(line).map_err(|cause| wrong(cause.to_string()))?;
        if object.contains_key("meeting_transcripts") {
            let meeting = serde_json::from_value(Value::Object(object));
            meetings.push(meeting.map_err(|cause| wrong(cause.to_string()))?);
        } else if object.contains_key("type") && object.contains_key("payload") {
            events.push(object);
        } else {
            return Err(wrong("this is neither an event nor a meeting".to_owned()));
        }
        if !events.is_empty() && !meetings.is_empty() {
            return Err(wrong("a file holds events or meetings, not both".to_owned()));
        }
    }
    let content = match (events.is_empty(), meetings.is_empty()) {
        (true, true) => return Err(Unreadable::whole("it is empty")),
        (_, true) => Content::Events(events),
        (_, false) => Content::Meetings(meetings),
    };
    Ok(Transcript { digest: Sha256::digest(bytes).into(), content })
}

/// An id that follows from what is said, and where: UUIDv8 (RFC 9562, section 5.8) of a SHA-256.
fn derived_id(digest: &[u8; 32], meeting: usize, turn: usize, space_id: &Uuid) -> Uuid {
    let count = |items: usize| u64::try_from(items).unwrap_or(u64::MAX);
    let mut hash = Sha256::new();
    hash.update(digest);
    hash.update(count(meeting).to_be_bytes());
    hash.update(count(turn).to_be_bytes());
    hash.update(space_id.as_bytes());
    let bytes: [u8; 32] = hash.finalize().into();
    let mut id = [0; 16];
    id.iter_mut().zip(bytes).for_each(|(into, from)| *into = from);
    uuid::Builder::from_custom_bytes(id).into_uuid()
}

#[cfg(test)]
mod tests;
