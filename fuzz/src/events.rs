use hub_protocol::decode::{DecodeError, decode};
use hub_protocol::events::{EventsRequest, IncomingEvent, NewEvent};
use hub_protocol::limits::EVENTS_PER_REQUEST;

/// Characters of an error: those of a parser's message and of a path are cut at 300, and end with a mark.
const ERROR_CHARS: usize = 301;

/// The body of `POST /v1/events`: it is read or refused, in bounded words; what was read says the same when it is
/// written and read again.
pub fn events(bytes: &[u8]) {
    let request = match EventsRequest::decode(bytes) {
        Ok(request) => request,
        Err(error) => return assert_bounded(&error),
    };
    assert!((1..=EVENTS_PER_REQUEST).contains(&request.events.len()), "{} events", request.events.len());
    for event in &request.events {
        match event {
            IncomingEvent::Event(event) => assert_again(event),
            IncomingEvent::Malformed(malformed) => assert_bounded(&malformed.problem),
        }
    }
}

fn assert_again(event: &NewEvent) {
    let written = serde_json::to_vec(event).expect("an event that was read can be written");
    let again: NewEvent = decode(&written).expect("what the hub writes it can read");
    assert_eq!(&again, event);
}

fn assert_bounded(error: &DecodeError) {
    assert!(!error.detail.is_empty() && error.detail.chars().count() <= ERROR_CHARS, "{error:?}");
    assert!(error.field.as_ref().is_none_or(|field| field.chars().count() <= ERROR_CHARS), "{error:?}");
}
