//! Where and as whom the talk of a file is fed.

use crate::cli::exit::{Failure, Outcome};
use crate::cli::people;
use crate::cli::session::Session;
use crate::cli::table::counted;
use hub_protocol::events::NewEvent;
use hub_protocol::spaces::{CreateSpace, Space};
use hub_server::transcript::{self, Content, Meeting, Place, Transcript, Unreadable};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use uuid::Uuid;

/// What the user said of it.
pub(super) struct Places<'a> {
    /// What spaces are called after: the file's name without its ending.
    pub(super) stem: &'a str,
    pub(super) space: Option<&'a str>,
    pub(super) space_per_meeting: bool,
    pub(super) labels_only: bool,
}

/// What a file holds, in words.
pub(super) fn described(transcript: &Transcript) -> String {
    match &transcript.content {
        Content::Events(lines) => counted(count(lines.len()), "event", "events"),
        Content::Meetings(meetings) => {
            let turns = meetings.iter().map(|meeting| meeting.turns.len()).sum();
            let meetings = counted(count(meetings.len()), "meeting", "meetings");
            format!("{meetings}, {}", counted(count(turns), "turn", "turns"))
        }
    }
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

/// Reads a file.
pub(super) fn read(bytes: &[u8], file: &Path) -> Outcome<Transcript> {
    transcript::read(bytes).map_err(|cause| unreadable(&cause, file))
}

pub(super) fn unreadable(cause: &Unreadable, file: &Path) -> Failure {
    Failure::usage("transcript", format!("{}, {cause}", file.display()))
        .next("each line is an event, or a meeting with `meeting_transcripts`; docs/CLI.md shows both")
}

/// The events to send; makes the spaces and people that they need.
pub(super) async fn events(
    transcript: &Transcript,
    session: &Session,
    places: &Places<'_>,
    file: &Path,
) -> Outcome<Vec<NewEvent>> {
    let wrong = |cause: Unreadable| unreadable(&cause, file);
    match &transcript.content {
        Content::Events(lines) => {
            let named = places.space.is_some();
            let needs_one = named || lines.iter().any(|line| !line.contains_key("space_id"));
            let space_id = if needs_one { session.space(places.space).await? } else { Uuid::nil() };
            lines
                .iter()
                .enumerate()
                .map(|(number, line)| transcript::event(&transcript.digest, number, line, space_id, named))
                .collect::<Result<_, _>>()
                .map_err(wrong)
        }
        Content::Meetings(meetings) => {
            let spaces = spaces(meetings.len(), session, places).await?;
            let people =
                if places.labels_only { HashMap::new() } else { speakers(meetings, session).await? };
            let mut events = Vec::new();
            for (number, (meeting, space_id)) in meetings.iter().zip(spaces).enumerate() {
                let place = Place { digest: transcript.digest, number, space_id };
                events.extend(meeting.events(&place, &people).map_err(wrong)?);
            }
            Ok(events)
        }
    }
}

async fn spaces(meetings: usize, session: &Session, places: &Places<'_>) -> Outcome<Vec<Uuid>> {
    if !places.space_per_meeting {
        return Ok(vec![session.space(places.space).await?; meetings]);
    }
    let there: HashMap<String, Uuid> =
        session.spaces().await?.into_iter().map(|space| (space.name, space.space_id)).collect();
    let mut chosen = Vec::new();
    for number in 1..=meetings {
        let name = format!("{} {number}", places.stem);
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
