#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
use super::*;
use proptest::prelude::*;

const ID: &str = "0192f0c1-2345-7000-8000-000000000001";

fn event(rest: &str) -> String {
    format!(
        r#"{{"event_id":"{ID}","space_id":"{ID}","type":"chat_message","occurred_at":"2026-01-01T00:00:00Z","payload":{{"text":"hi"}}{rest}}}"#
    )
}

fn problem(event: &IncomingEvent) -> &MalformedEvent {
    match event {
        IncomingEvent::Malformed(malformed) => malformed,
        IncomingEvent::Event(event) => panic!("{event:?} was taken"),
    }
}

fn whole(body: impl AsRef<[u8]>) -> DecodeError {
    EventsRequest::decode(body.as_ref()).unwrap_err()
}

#[test]
fn one_event_and_a_batch_read_the_same() {
    let single = EventsRequest::decode(event(r#","sent_at":"2026-01-01T00:00:01Z""#).as_bytes()).unwrap();
    let batch = format!(r#"{{"sent_at":"2026-01-01T00:00:01Z","events":[{}]}}"#, event(""));
    let batch = EventsRequest::decode(batch.as_bytes()).unwrap();
    assert!(single.single && !batch.single);
    assert_eq!(single.sent_at.as_deref(), Some("2026-01-01T00:00:01Z"));
    assert_eq!((single.events, single.sent_at), (batch.events, batch.sent_at));
}

#[test]
fn what_a_client_writes_is_read_back() {
    let event: NewEvent = serde_json::from_str(&event("")).unwrap();
    let sent = EventsRequest::batch(vec![event], None);
    assert_eq!(EventsRequest::decode(&serde_json::to_vec(&sent).unwrap()).unwrap(), sent);
}

#[test]
fn one_bad_event_holds_back_no_other() {
    let bad = [
        (event(r#","colour":1"#), "unknown_field", "colour"),
        (
            event("").replace("chat_message\"", "chat_message\",\"person_id\":\"nobody\""),
            "invalid_field",
            "person_id",
        ),
        (event("").replace(r#"{"text":"hi"}"#, "7"), "invalid_field", "payload"),
        (event(r#","type":"left""#), "invalid_field", "type"),
        (event(r#","sent_at":"2026-01-01T00:00:00Z""#), "unknown_field", "sent_at"),
    ];
    for (bad, code, field) in bad {
        let body = format!(r#"{{"events":[{},{bad},{}]}}"#, event(""), event(""));
        let request = EventsRequest::decode(body.as_bytes()).unwrap();
        assert!(matches!(request.events[0], IncomingEvent::Event(_)));
        assert!(matches!(request.events[2], IncomingEvent::Event(_)));
        let malformed = problem(&request.events[1]);
        assert_eq!(malformed.event_id, Some(ID.parse().unwrap()), "{bad}");
        assert_eq!(
            (malformed.problem.code, malformed.problem.field.as_deref()),
            (code, Some(field)),
            "{bad}"
        );
    }
}

#[test]
fn an_event_without_a_readable_id_is_malformed_without_one() {
    for bad in
        ["7".to_owned(), "null".to_owned(), "[]".to_owned(), "{}".to_owned(), event("").replace(ID, "x")]
    {
        let request = EventsRequest::decode(format!(r#"{{"events":[{bad}]}}"#).as_bytes()).unwrap();
        assert_eq!(problem(&request.events[0]).event_id, None, "{bad}");
    }
}

#[test]
fn a_single_event_that_is_malformed_keeps_its_id() {
    let request = EventsRequest::decode(event(r#","colour":1"#).as_bytes()).unwrap();
    assert!(request.single);
    let malformed = problem(&request.events[0]);
    assert_eq!((malformed.event_id.is_some(), malformed.problem.field.as_deref()), (true, Some("colour")));
}

#[test]
fn numbers_depths_and_escapes_that_no_value_holds_are_one_events_fault() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for value in ["1e999", r#""\ud800""#, deep.as_str()] {
        let bad = event("").replace(r#""hi""#, value);
        let body = format!(r#"{{"events":[{bad},{}]}}"#, event(""));
        let request = EventsRequest::decode(body.as_bytes()).unwrap();
        let malformed = problem(&request.events[0]);
        assert_eq!(malformed.problem.code, "invalid_field");
        assert_eq!(malformed.event_id, Some(ID.parse().unwrap()));
        assert!(matches!(request.events[1], IncomingEvent::Event(_)));
        assert!(matches!(
            &EventsRequest::decode(bad.as_bytes()).unwrap().events[0],
            IncomingEvent::Malformed(_)
        ));
    }
}

#[test]
fn what_cannot_be_told_apart_is_refused_whole() {
    assert_eq!(whole("").code, "invalid_json");
    assert_eq!(whole("{").code, "invalid_json");
    assert_eq!(whole(format!(r#"{{"events":[{},]}}"#, event(""))).code, "invalid_json");
    assert_eq!(whole(format!("{} {}", event(""), event(""))).code, "invalid_json");
    assert_eq!(whole(b"{\"events\":[\"\xff\"]}").code, "invalid_json");
    assert_eq!(whole("[]").code, "invalid_field");
    let at = |body: &str| whole(body).field;
    assert_eq!(at(r#"{"events":{}}"#).as_deref(), Some("events"));
    assert_eq!(at(r#"{"events":null}"#).as_deref(), Some("events"));
    assert_eq!(at(r#"{"events":[1],"events":[2]}"#).as_deref(), Some("events"));
    assert_eq!(at(r#"{"events":[1],"colour":[2]}"#).as_deref(), Some("colour"));
    assert_eq!(at(r#"{"events":[1],"sent_at":5}"#).as_deref(), Some("sent_at"));
}

#[test]
fn the_number_of_events_is_bounded_and_the_bound_is_said() {
    let of = |number: usize| format!(r#"{{"events":[{}]}}"#, vec!["1"; number].join(","));
    assert_eq!(EventsRequest::decode(of(1_000).as_bytes()).unwrap().events.len(), 1_000);
    for number in [0, 1_001, 1_000_000] {
        let error = whole(of(number));
        assert_eq!((error.code, error.field.as_deref()), ("too_many_events", Some("events")));
        assert_eq!(error.limit.as_deref(), Some("1 to 1000 events"));
    }
}

/// Parts of bodies: some sound, some not, in whatever order.
fn part() -> impl Strategy<Value = String> {
    let parts = [
        event(""),
        event(r#","person_id":null"#),
        event(r#","colour":1"#),
        event(r#","type":"left""#),
        event("").replace(r#"{"text":"hi"}"#, r#"{"text":1e999}"#),
        event("").replace(r#"{"text":"hi"}"#, r#"["text","hi"]"#),
        event("").replace(r#""payload""#, r#""p\u0061yload""#),
        format!(r#"["{ID}","{ID}","chat_message","2026-01-01T00:00:00Z",null,{{}}]"#),
        "{}".to_owned(),
        "7".to_owned(),
    ];
    prop::sample::select(parts.to_vec())
}

/// Bodies, most of them with a few characters more or fewer than they should have.
fn body() -> impl Strategy<Value = String> {
    let around = prop::sample::select(vec![
        (r#"{"events":["#, "]}"),
        (r#"{"sent_at":null,"events":["#, "]}"),
        (r#"{"events":["#, r#"],"sent_at":"2026-01-01T00:00:01Z"}"#),
        (r#"{"\u0065vents":["#, "]} "),
        (r#"{"events":["#, r#"],"events":[]}"#),
        (r#"{"events":["#, r#"],"sent_at":null,"sent_at":null}"#),
        (r#"{"events":["#, r#"],"sent_at":5}"#),
        (r#"{"events":["#, r#"],"colour":5}"#),
        ("[[", "]]"),
        ("", ""),
    ]);
    let parts = prop::collection::vec(part(), 0..4);
    let cut = prop::option::of((any::<prop::sample::Index>(), 0_usize..3, r#"[{}",:0n\[\]\\]{0,2}"#));
    (around, parts, cut).prop_map(|((head, tail), parts, cut)| {
        let mut body = format!("{head}{}{tail}", parts.join(","));
        if let Some((at, length, instead)) = cut {
            let at = at.index(body.len() + 1);
            let end = (at + length).min(body.len());
            body.replace_range(at..end, &instead);
        }
        body
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_one_go_or_event_by_event_is_the_same(body in body()) {
        prop_assert_eq!(EventsRequest::decode(body.as_bytes()), EventsRequest::apart(&body));
    }
}

#[test]
fn a_sound_batch_is_read_in_one_go() {
    let of = |text: &str| serde_json::from_str::<Sound>(text).is_ok();
    assert!(of(&format!(r#"{{"events":[{},{}],"sent_at":"now"}}"#, event(""), event(""))));
    assert!(!of(&event("")));
    assert!(!of(&format!(r#"{{"events":[["{ID}","{ID}","a","b",null,{{}}]]}}"#)));
}
