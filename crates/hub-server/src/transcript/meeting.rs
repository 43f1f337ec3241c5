//! A meeting: turns with speakers and without times.

use super::{Unreadable, derived_id};
use hub_protocol::events::NewEvent;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, json};
use std::collections::HashMap;
use uuid::Uuid;

/// When the first meeting begins: 2024-01-01T09:00:00Z. Any fixed past time would do; the format
/// has none, and the same file must give the same events.
const BEGIN_SECOND: i64 = 1_704_099_600;
/// Time from one meeting's beginning to the next one's.
const NEXT_MEETING: SignedDuration = SignedDuration::from_hours(24);
/// Time from one turn to the next.
const NEXT_TURN: SignedDuration = SignedDuration::from_secs(5);

/// One line of the file; what else stands in it is not talk.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Meeting {
    /// In the order spoken.
    #[serde(rename = "meeting_transcripts")]
    pub turns: Vec<Turn>,
}

/// What one speaker said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Turn {
    /// The name that the file gives.
    pub speaker: String,
    /// The words.
    pub content: String,
}

/// Which meeting of which file, and where it is fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Of the file.
    pub digest: [u8; 32],
    /// Of the meeting in the file, from 0.
    pub number: usize,
    /// Where its talk is fed.
    pub space_id: Uuid,
}

impl Meeting {
    /// The meeting's talk; speakers who are not among the people stay labels.
    ///
    /// # Errors
    /// [`Unreadable`] for a meeting so late in a file, or so long, that its times cannot be written.
    pub fn events(&self, place: &Place, people: &HashMap<String, Uuid>) -> Result<Vec<NewEvent>, Unreadable> {
        let begin = i32::try_from(place.number).ok().and_then(|number| {
            Timestamp::from_second(BEGIN_SECOND).ok()?.checked_add(NEXT_MEETING.checked_mul(number)?).ok()
        });
        self.turns
            .iter()
            .enumerate()
            .map(|(number, turn)| {
                let passed = i32::try_from(number).ok().and_then(|number| NEXT_TURN.checked_mul(number));
                let time = begin.zip(passed).and_then(|(begin, passed)| begin.checked_add(passed).ok());
                let occurred_at = time.ok_or_else(|| Unreadable::whole("the file is longer than time"))?;
                Ok(NewEvent {
                    event_id: derived_id(&place.digest, place.number, number, &place.space_id),
                    space_id: place.space_id,
                    event_type: "transcript_chunk".to_owned(),
                    occurred_at: occurred_at.to_string(),
                    person_id: people.get(&turn.speaker).copied(),
                    payload: payload(turn),
                })
            })
            .collect()
    }
}

fn payload(turn: &Turn) -> Map<String, serde_json::Value> {
    let mut payload = Map::new();
    payload.insert("text".to_owned(), json!(turn.content));
    payload.insert("role".to_owned(), json!("user"));
    payload.insert("speaker".to_owned(), json!(turn.speaker));
    payload
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn a_meeting_becomes_the_same_events_each_time() {
        let text = r#"{"topic_list": [], "meeting_transcripts":
            [{"speaker": "Ann", "content": "Hello ."}, {"speaker": "Bob", "content": "{laugh} Hi ."}]}"#;
        let meeting: Meeting = serde_json::from_str(text).unwrap();
        let place = Place { digest: [1; 32], number: 2, space_id: Uuid::from_u128(5) };
        let people = HashMap::from([("Bob".to_owned(), Uuid::from_u128(9))]);
        let events = meeting.events(&place, &people).unwrap();
        assert_eq!(events, meeting.events(&place, &people).unwrap());
        let times: Vec<&str> = events.iter().map(|event| event.occurred_at.as_str()).collect();
        assert_eq!(times, ["2024-01-03T09:00:00Z", "2024-01-03T09:00:05Z"]);
        assert_eq!((events[0].person_id, events[1].person_id), (None, Some(Uuid::from_u128(9))));
        assert_eq!(events[1].payload["text"], "{laugh} Hi .");
        assert_ne!(events[0].event_id, events[1].event_id);
    }
}
