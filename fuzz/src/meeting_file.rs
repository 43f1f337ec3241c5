use hub_server::transcript::{Content, Place, Transcript, Unreadable, event, read};
use std::collections::HashSet;
use uuid::Uuid;

const SPACE: Uuid = Uuid::from_u128(5);

/// A file of talk for `hub replay`: it is read or refused in words that name its line; the same bytes give the same
/// events, and every turn of a meeting an id of its own.
pub fn meeting_file(bytes: &[u8]) {
    let transcript = match read(bytes) {
        Ok(transcript) => transcript,
        Err(Unreadable { line, what }) => {
            let lines = bytes.split(|byte| *byte == b'\n').count();
            assert!(
                !what.is_empty() && line.is_none_or(|line| (1..=lines).contains(&line)),
                "{line:?}: {what}"
            );
            return;
        }
    };
    assert_eq!(read(bytes).as_ref(), Ok(&transcript));
    let Transcript { digest, content } = transcript;
    match content {
        Content::Events(lines) => {
            for (number, line) in lines.iter().enumerate() {
                let Ok(one) = event(&digest, number, line, SPACE, true) else { continue };
                assert_eq!(one.space_id, SPACE);
                assert_eq!(event(&digest, number, line, SPACE, true).as_ref(), Ok(&one));
            }
        }
        Content::Meetings(meetings) => {
            let mut ids = HashSet::new();
            for (number, meeting) in meetings.iter().enumerate() {
                let place = Place { digest, number, space_id: SPACE };
                let Ok(events) = meeting.events(&place, &Default::default()) else { continue };
                assert_eq!(events.len(), meeting.turns.len());
                assert!(events.iter().all(|event| ids.insert(event.event_id)), "two turns with one id");
            }
        }
    }
}
