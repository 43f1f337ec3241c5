#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use proptest::prelude::*;
use serde_json::json;
use std::collections::HashMap;

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
        let failure = read(text.as_bytes()).unwrap_err();
        assert!(failure.to_string().contains(said), "{failure:?}");
    }
}

#[test]
fn an_event_gets_what_it_leaves_out_and_keeps_what_it_says() {
    let line = r#"{"type":"chat_message","occurred_at":"2026-01-01T00:00:00Z","payload":{"text":"a"}}"#;
    let mut line: Map<String, Value> = serde_json::from_str(line).unwrap();
    let (here, there) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let made = event(&[0; 32], 0, &line, here, false).unwrap();
    assert_eq!((made.space_id, made.event_id), (here, derived_id(&[0; 32], 0, 0, &here)));
    line.insert("space_id".to_owned(), json!(there));
    line.insert("event_id".to_owned(), json!(there));
    let kept = event(&[0; 32], 0, &line, here, false).unwrap();
    assert_eq!((kept.space_id, kept.event_id), (there, there));
    assert_eq!(event(&[0; 32], 0, &line, here, true).unwrap().space_id, here);
}

/// Lines near to what a file holds: sound ones, and ones with a member that is not what it should be.
fn lines() -> impl Strategy<Value = String> {
    let turns = prop::collection::vec(("[A-C]{1,2}", ".{0,12}"), 0..5).prop_map(|turns| {
        let turn = |(speaker, content): (String, String)| json!({"speaker": speaker, "content": content});
        json!({"meeting_transcripts": turns.into_iter().map(turn).collect::<Value>(), "topic_list": 3})
    });
    let said = (".{0,12}", prop::option::of(any::<u128>())).prop_map(|(text, id)| {
        let mut event =
            json!({"type": "chat_message", "occurred_at": "2026-01-01T00:00:00Z", "payload": {"text": text}});
        if let Some(id) = id {
            event["event_id"] = json!(Uuid::from_u128(id));
        }
        event
    });
    prop_oneof![
        6 => turns.prop_map(|line| line.to_string()),
        6 => said.prop_map(|line| line.to_string()),
        1 => Just(String::new()),
        1 => Just(r#"{"meeting_transcripts": {"speaker": "A"}}"#.to_owned()),
        1 => "[{}\":,a-z0-9 ]{0,20}",
    ]
}

fn all_events(transcript: &Transcript) -> Result<Vec<hub_protocol::events::NewEvent>, Unreadable> {
    let space_id = Uuid::from_u128(5);
    match &transcript.content {
        Content::Events(lines) => lines
            .iter()
            .enumerate()
            .map(|(number, line)| event(&transcript.digest, number, line, space_id, false))
            .collect(),
        Content::Meetings(meetings) => {
            let mut events = Vec::new();
            for (number, meeting) in meetings.iter().enumerate() {
                let place = Place { digest: transcript.digest, number, space_id };
                events.extend(meeting.events(&place, &HashMap::new())?);
            }
            Ok(events)
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _read = read(&bytes);
    }

    #[test]
    fn a_file_is_whole_or_its_first_wrong_line_is_named(lines in prop::collection::vec(lines(), 0..6)) {
        let file = lines.join("\n");
        match read(file.as_bytes()) {
            Ok(transcript) => {
                let full = lines.iter().filter(|line| !line.trim().is_empty()).count();
                let read = match &transcript.content {
                    Content::Events(events) => events.len(),
                    Content::Meetings(meetings) => meetings.len(),
                };
                prop_assert_eq!(read, full);
                let events = all_events(&transcript).unwrap();
                prop_assert_eq!(&events, &all_events(&transcript).unwrap());
                let derived: Vec<Uuid> = events.iter().map(|event| event.event_id).filter(|id| id.get_version_num() == 8).collect();
                prop_assert_eq!(derived.len(), derived.iter().collect::<std::collections::BTreeSet<_>>().len());
            }
            Err(Unreadable { line: Some(line), .. }) => {
                prop_assert!((1..=file.lines().count()).contains(&line));
                let before: Vec<&str> = file.lines().take(line - 1).collect();
                let sound = read(before.join("\n").as_bytes());
                prop_assert!(sound.is_ok() || sound == Err(Unreadable::whole("it is empty")));
            }
            Err(whole) => prop_assert_eq!(whole, Unreadable::whole("it is empty")),
        }
    }
}
