//! Readers of requests, given anything: they read it or refuse it, in bounded words that name the field.

use crate::table::{Reader, golden, requests};
use hub_protocol::decode::{DecodeError, decode};
use hub_protocol::events::{EventsRequest, IncomingEvent, NewEvent};
use hub_protocol::vocabulary::*;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::str::FromStr as _;

/// Every request with a sound body of it.
fn sound_requests() -> Vec<(&'static str, Reader, Map<String, Value>)> {
    let golden = golden("requests");
    let sound = |name: &str| golden[name].as_object().unwrap().clone();
    requests().into_iter().map(|(name, read)| (name, read, sound(name))).collect()
}

/// A value that seldom is what a field asks for, and sometimes is.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        prop::sample::select(Scope::ALL).prop_map(|scope| json!(scope)),
        any::<u128>().prop_map(|id| json!(uuid::Uuid::from_u128(id))),
        Just(json!("2026-01-01T00:00:00Z")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,4}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What becomes of a member of a sound body.
#[derive(Debug, Clone)]
enum Change {
    Nothing,
    Removed(prop::sample::Index),
    Replaced(prop::sample::Index, Value),
    Added(String, Value),
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::Nothing),
        any::<prop::sample::Index>().prop_map(Change::Removed),
        (any::<prop::sample::Index>(), values()).prop_map(|(at, value)| Change::Replaced(at, value)),
        ("[a-z_]{1,12}|.{0,400}", values()).prop_map(|(name, value)| Change::Added(name, value)),
    ]
}

fn changed(mut body: Map<String, Value>, change: &Change) -> Map<String, Value> {
    let name_at = |at: &prop::sample::Index| body.keys().nth(at.index(body.len())).unwrap().clone();
    match change {
        Change::Nothing => {}
        Change::Removed(at) => {
            let name = name_at(at);
            body.remove(&name);
        }
        Change::Replaced(at, value) => {
            let name = name_at(at);
            body.insert(name, value.clone());
        }
        Change::Added(name, value) => {
            body.insert(name.clone(), value.clone());
        }
    }
    body
}

/// An error says something, and no more than a line of the caller's own text.
fn assert_bounded(error: &DecodeError) {
    assert!(!error.detail.is_empty() && error.detail.chars().count() <= 301, "{error:?}");
    assert!(error.field.as_ref().is_none_or(|field| field.chars().count() <= 301), "{error:?}");
}

/// Elements of a batch, sound ones among them.
fn elements() -> impl Strategy<Value = Value> {
    let sound = golden("requests")["NewEvent"].as_object().unwrap().clone();
    prop_oneof![
        4 => changes().prop_map(move |change| Value::Object(changed(sound.clone(), &change))),
        1 => values(),
    ]
}

/// A reader that is off by the last bit makes another digest of the same request.
#[test]
fn a_number_is_read_as_the_double_that_it_names() {
    for text in
        ["-2.712984138140295e+73", "2.2250738585072014e-308", "9007199254740993.5", "1.7976931348623157e308"]
    {
        let read: Value = decode(format!("{{\"number\": {text}}}").as_bytes()).unwrap();
        assert_eq!(read["number"].as_f64(), text.parse().ok(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        for (_, read) in requests() {
            if let Err(error) = read(&bytes) {
                assert_bounded(&error);
            }
        }
        if let Err(error) = EventsRequest::decode(&bytes) {
            assert_bounded(&error);
        }
    }

    #[test]
    fn any_marks_of_json_are_read_or_refused(text in "[\\[\\]{}\",:0-9a-fntruels.eE+\\-\\\\ ]{0,80}") {
        for (_, read) in requests() {
            if let Err(error) = read(text.as_bytes()) {
                assert_bounded(&error);
            }
        }
        if let Err(error) = EventsRequest::decode(text.as_bytes()) {
            assert_bounded(&error);
        }
    }

    #[test]
    fn a_body_that_is_read_reads_the_same_when_it_is_written_again(change in changes()) {
        for (name, read, sound) in sound_requests() {
            let body = serde_json::to_vec(&changed(sound, &change)).unwrap();
            match read(&body) {
                Ok(read_once) => {
                    let written = serde_json::to_vec(&read_once).unwrap();
                    prop_assert_eq!(read(&written).unwrap(), read_once, "{}", name);
                }
                Err(error) => {
                    assert_bounded(&error);
                    prop_assert_ne!(error.code, "invalid_json", "{}: {:?}", name, error);
                    prop_assert!(error.field.is_some(), "{}: {:?}", name, error);
                }
            }
        }
    }

    #[test]
    fn every_event_of_a_batch_is_read_as_if_it_were_alone(elements in prop::collection::vec(elements(), 1..8)) {
        let batch = serde_json::to_vec(&json!({"events": elements})).unwrap();
        let batch = EventsRequest::decode(&batch).unwrap();
        prop_assert_eq!(batch.events.len(), elements.len());
        for (element, read) in elements.iter().zip(&batch.events) {
            let alone = decode::<NewEvent>(&serde_json::to_vec(element).unwrap());
            match (alone, read) {
                (Ok(alone), IncomingEvent::Event(event)) => prop_assert_eq!(&alone, event),
                (Err(alone), IncomingEvent::Malformed(malformed)) => {
                    assert_bounded(&malformed.problem);
                    prop_assert_eq!(&alone, &malformed.problem);
                    let id = element.get("event_id").and_then(Value::as_str);
                    prop_assert_eq!(malformed.event_id, id.and_then(|id| uuid::Uuid::parse_str(id).ok()));
                }
                (alone, read) => prop_assert!(false, "alone {:?}, in the batch {:?}", alone, read),
            }
        }
    }

    #[test]
    fn a_word_is_of_its_set_or_refused(word in "[a-z_:]{0,20}|.{0,6}") {
        macro_rules! sets {
            ($($set:ty),+) => {$(
                match <$set>::from_str(&word) {
                    Ok(read) => prop_assert_eq!(read.as_str(), word.as_str()),
                    Err(_) => prop_assert!(<$set>::ALL.iter().all(|known| known.as_str() != word)),
                }
                for known in <$set>::ALL {
                    prop_assert_eq!(<$set>::from_str(known.as_str()).unwrap(), *known);
                    prop_assert_eq!(json!(known), json!(known.as_str()));
                }
            )+};
        }
        sets!(Scope, Role, PrincipalKind, ConsentKind, SpeakerRole, Modality, EventStatus, Tier, ActionState, Effect);
    }
}
