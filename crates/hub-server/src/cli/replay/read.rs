//! A transcript file: its format, and the events that it becomes.

mod meeting;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::people;
use crate::cli::session::Session;
use crate::cli::table::counted;
use hub_protocol::events::NewEvent;
use hub_protocol::spaces::{CreateSpace, Space};
use meeting::{Meeting, Place};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use uuid::Uuid;

/// What a file holds.
#[derive(Debug)]
pub(super) struct Transcript {
    stem: String,
    digest: [u8; 32],
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// Each line is an event.
    Events(Vec<Map<String, Value>>),
    /// Each line is a meeting.
    Meetings(Vec<Meeting>),
}

/// Where and as whom the file's talk is fed.
pub(super) struct Places<'a> {
    pub(super) space: Option<&'a str>,
    pub(super) space_per_meeting: bool,
    pub(super) labels_only: bool,
}

impl Transcript {
    /// What the file holds, in words.
    pub(super) fn described(&self) -> String {
        match &self.content {
            Content::Events(lines) => counted(count(lines.len()), "event", "events"),
            Content::Meetings(meetings) => {
                let turns = meetings.iter().map(|meeting| meeting.turns.len()).sum();
                let meetings = counted(count(meetings.len()), "meeting", "meetings");
                format!("{meetings}, {}", counted(count(turns), "turn", "turns"))
            }
        }
    }
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

/// Reads the whole file before anything is sent, so that a line that cannot be read is no half
/// replay.
pub(super) fn read(bytes: &[u8], file: &Path) -> Outcome<Transcript> {
    let wrong = |line: usize, what: String| {
        Failure::usage("transcript", format!("{}, line {}: {what}", file.display(), line + 1))
            .next("each line is an event, or a meeting with `meeting_transcripts`; docs/CLI.md shows both")
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|cause| Failure::usage("transcript", format!("{} is not UTF-8: {cause}", file.display())))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let (mut events, mut meetings) = (Vec::new(), Vec::new());
    for (number, line) in lines {
        let object: Map<String, Value> =
            serde_json::from_str(line).map_err(|cause| wrong(number, cause.to_string()))?;
        if object.contains_key("meeting_transcripts") {
            let meeting = serde_json::from_value(Value::Object(object));
            meetings.push(meeting.map_err(|cause| wrong(number, cause.to_string()))?);
        } else if object.contains_key("type") && object.contains_key("payload") {
            events.push(object);
        } else {
            return Err(wrong(number, "this is neither an event nor a meeting".to_owned()));
        }
        if !events.is_empty() && !meetings.is_empty() {
            return Err(wrong(number, "a file holds events or meetings, not both".to_owned()));
        }
    }
    let content = match (events.is_empty(), meetings.is_empty()) {
        (true, true) => return Err(Failure::usage("transcript", format!("{} is empty", file.display()))),
        (_, true) => Content::Events(events),
        (_, false) => Content::Meetings(meetings),
    };
    let stem =
        file.file_stem().map_or_else(|| "transcript".to_owned(), |stem| stem.to_string_lossy().into_owned());
    Ok(Transcript { stem, digest: Sha256::digest(bytes).into(), content })
}

/// The events to send; makes the spaces and people that they need.
pub(super) async fn events(
    transcript: &Transcript,
    session: &Session,
    places: &Places<'_>,
) -> Outcome<Vec<NewEvent>> {
    match &transcript.content {
        Content::Events(lines) => {
            let named = places.space.is_some();
            let needs_one = named || lines.iter().any(|line| !line.contains_key("space_id"));
            let space_id = if needs_one { session.space(places.space).await? } else { Uuid::nil() };
            lines
                .iter()
                .enumerate()
                .map(|(number, line)| event(transcript.digest, number, line, space_id, named))
                .collect()
        }
        Content::Meetings(meetings) => {
            let spaces = spaces(transcript, meetings.len(), session, places).await?;
            let people =
                if places.labels_only { HashMap::new() } else { speakers(meetings, session).await? };
            let mut events = Vec::new();
            for (number, (meeting, space_id)) in meetings.iter().zip(spaces).enumerate() {
                let place = Place { digest: transcript.digest, number, space_id };
                events.extend(meeting.events(&place, &people)?);
            }
            Ok(events)
        }
    }
}

/// A line as an event, with what it leaves out. A space that the user names counts before the
/// line's.
fn event(
    digest: [u8; 32],
    number: usize,
    line: &Map<String, Value>,
    space_id: Uuid,
    named: bool,
) -> Outcome<NewEvent> {
    let mut line = line.clone();
    if named || !line.contains_key("space_id") {
        line.insert("space_id".to_owned(), json!(space_id));
    }
    if !line.contains_key("event_id") {
        line.insert("event_id".to_owned(), json!(derived_id(&digest, 0, number, &space_id)));
    }
    serde_json::from_value(Value::Object(line)).map_err(|cause| {
        Failure::usage("transcript", format!("event {} of the file cannot be read: {cause}", number + 1))
    })
}

async fn spaces(
    transcript: &Transcript,
    meetings: usize,
    session: &Session,
    places: &Places<'_>,
) -> Outcome<Vec<Uuid>> {
    if !places.space_per_meeting {
        return Ok(vec![session.space(places.space).await?; meetings]);
    }
    let there: HashMap<String, Uuid> =
        session.spaces().await?.into_iter().map(|space| (space.name, space.space_id)).collect();
    let mut chosen = Vec::new();
    for number in 1..=meetings {
        let name = format!("{} {number}", transcript.stem);
        let space_id = match there.get(&name) {
            Some(space_id) => *space_id,
            None => {
                let body = CreateSpace { name, privacy_mode: false };
                session.client.post::<Space>(&session.path("spaces"), &body).await?.space_id
            }
        };
        chosen.push(space_id);
    }
    Ok(chosen)
}

async fn speakers(meetings: &[Meeting], session: &Session) -> Outcome<HashMap<String, Uuid>> {
    let names: BTreeSet<&String> =
        meetings.iter().flat_map(|meeting| &meeting.turns).map(|turn| &turn.speaker).collect();
    people::named(session, &names.into_iter().cloned().collect::<Vec<_>>()).await
}

/// An id that follows from what is said, and where: UUIDv8 (RFC 9562, section 5.8) of a SHA-256.
fn derived_id(digest: &[u8; 32], meeting: usize, turn: usize, space_id: &Uuid) -> Uuid {
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
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read_text(text: &str) -> Outcome<Transcript> {
        read(text.as_bytes(), Path::new("talk.jsonl"))
    }

    #[test]
    fn ids_follow_from_file_place_and_space() {
        let (digest, here, there) = ([7; 32], Uuid::from_u128(1), Uuid::from_u128(2));
        let id = derived_id(&digest, 1, 2, &here);
        assert_eq!(id, derived_id(&digest, 1, 2, &here));
        assert_eq!(id.get_version_num(), 8);
        for other in [
            derived_id(&[8; 32], 1, 2, &here),
            derived_id(&digest, 2, 1, &here),
            derived_id(&digest, 1, 2, &there),
        ] {
            assert_ne!(id, other);
        }
    }

    #[test]
    fn a_wrong_line_is_named_before_anything_is_sent() {
        let good = r#"{"type":"chat_message","occurred_at":"2026-01-01T00:00:00Z","payload":{"text":"a"}}"#;
        for (text, said) in [
            (format!("{good}\n{{\"type\": 3"), "line 2"),
            (format!("{good}\n\n{{\"text\": \"a\"}}"), "line 3: this is neither"),
            (format!("{good}\n{{\"meeting_transcripts\": []}}"), "not both"),
            ("{\"meeting_transcripts\": [{\"speaker\": 1}]}".to_owned(), "line 1"),
            ("\n".to_owned(), "is empty"),
        ] {
            let failure = read_text(&text).unwrap_err();
            assert!(failure.message.contains(said), "{failure:?}");
        }
    }

    #[test]
    fn an_event_gets_what_it_leaves_out_and_keeps_what_it_says() {
        let line = r#"{"type":"chat_message","occurred_at":"2026-01-01T00:00:00Z","payload":{"text":"a"}}"#;
        let mut line: Map<String, Value> = serde_json::from_str(line).unwrap();
        let (here, there) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let made = event([0; 32], 0, &line, here, false).unwrap();
        assert_eq!((made.space_id, made.event_id), (here, derived_id(&[0; 32], 0, 0, &here)));
        line.insert("space_id".to_owned(), json!(there));
        line.insert("event_id".to_owned(), json!(there));
        let kept = event([0; 32], 0, &line, here, false).unwrap();
        assert_eq!((kept.space_id, kept.event_id), (there, there));
        assert_eq!(event([0; 32], 0, &line, here, true).unwrap().space_id, here);
    }
}
