#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::audit::salted_digest;
use proptest::prelude::*;
use serde_json::{Value, json};

const GOLDEN: &str = include_str!("../../../testdata/audit/entries-v1.json");
const AGENT: AgentId = AgentId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001));

fn drafts() -> Vec<(&'static str, EntryDraft)> {
    let id = |n: u128| Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + n);
    let at = |n: i64| Timestamp(1_772_359_200_000_000 + n);
    let worker = || Actor::new(PrincipalKind::Worker, "tools:runner");
    vec![
        (
            "no subject, no facts, an actor without an id",
            EntryDraft::new(at(0), "agent.created", Actor::admin()),
        ),
        (
            "content stands there as a salted digest",
            EntryDraft::new(at(1), "event.stored", Actor::new(PrincipalKind::Device, id(2)))
                .subject("event", id(3))
                .fact("space_id", id(4))
                .fact("type", "transcript_chunk")
                .digest("content", salted_digest(b"0123456789abcdef", "I like tea".as_bytes())),
        ),
        (
            "a grant with numbers and flags",
            EntryDraft::new(at(2), "consent.granted", Actor::new(PrincipalKind::Operator, id(5)))
                .subject("consent", id(6))
                .fact("kind", "voice")
                .fact("expires_at", at(86_400_000_000))
                .fact("by_owner", false),
        ),
        (
            "several words and several digests",
            EntryDraft::new(at(3), "action.approved", Actor::new(PrincipalKind::Operator, id(5)))
                .subject("action", id(7))
                .fact("binding_digest", Digest::of(b"binding"))
                .fact("scopes", vec!["events:read".to_owned(), "memories:write".to_owned()])
                .fact("state", "approved")
                .fact("none", Vec::new())
                .digest("reason", salted_digest(&[7; 16], b"because"))
                .digest("arguments", salted_digest(&[9; 16], b"{}")),
        ),
        (
            "Unicode, quotes and control characters in identifiers",
            EntryDraft::new(
                at(4),
                "privacy.on",
                Actor::new(PrincipalKind::Delegate, "Zoë \u{1F600} \u{202E}\u{7F}"),
            )
            .subject("space", "\"küche\"\\\u{8}\t\n\u{c}\r\u{1}\u{1f}/\u{2028}")
            .fact("word", "日本語"),
        ),
        (
            "the greatest and the least number, and a time before 1970",
            EntryDraft::new(Timestamp(-1), "action.run.finished", worker())
                .fact("least", -NUMBER_MAX)
                .fact("greatest", NUMBER_MAX)
                .fact("zero", 0_u32),
        ),
    ]
}

fn chain() -> Vec<(&'static str, Entry)> {
    let mut previous = NO_PREVIOUS;
    (1_i64..)
        .zip(drafts())
        .map(|(seq, (name, draft))| {
            let entry = seal(&draft, AGENT, seq, &previous).unwrap();
            previous = entry.hash;
            (name, entry)
        })
        .collect()
}

#[test]
fn the_bytes_are_frozen() {
    let golden: Vec<Value> = serde_json::from_str(GOLDEN).unwrap();
    let made: Vec<Value> = chain()
        .into_iter()
        .map(|(name, entry)| json!({"name": name, "entry": entry.text, "hash": Digest(entry.hash).to_string()}))
        .collect();
    assert_eq!(made, golden);
}

#[test]
fn the_version_byte_is_hashed_before_the_entry() {
    assert_eq!(hash(b"{}"), Digest::of(b"\x01{}").0);
}

#[test]
fn what_does_not_fit_is_refused_and_named() {
    let draft = || EntryDraft::new(Timestamp(0), "event.stored", Actor::admin());
    let refused = |draft: EntryDraft| seal(&draft, AGENT, 1, &NO_PREVIOUS).unwrap_err();
    let late = refused(EntryDraft::new(Timestamp(NUMBER_MAX + 1), "event.stored", Actor::admin()));
    assert_eq!((late.code(), late.field_name()), ("audit_number", Some("at")));
    let large = refused(draft().fact("size", u64::MAX));
    assert_eq!((large.code(), large.field_name()), ("audit_number", Some("size")));
    let long = refused(draft().fact("word", "x".repeat(WORD_BYTES + 1)));
    assert_eq!((long.code(), long.field_name()), ("audit_word", Some("word")));
    let many = refused(draft().fact("words", vec![String::new(); MEMBERS + 1]));
    assert_eq!((many.code(), many.field_name()), ("audit_members", Some("words")));
    for broken in [
        EntryDraft::new(Timestamp(0), "stored", Actor::admin()),
        EntryDraft::new(Timestamp(0), "event..stored", Actor::admin()),
        draft().fact("Zoë", 1),
        draft().subject("a b", "x"),
        draft().digest("", Digest([0; 32])),
    ] {
        assert_eq!(refused(broken).code(), "internal");
    }
    assert_eq!(seal(&draft(), AGENT, 0, &NO_PREVIOUS).unwrap_err().code(), "internal");
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![".{0,24}", "[a-z0-9-]{0,36}", "[\\x00-\\x22\\\\\\x7f-\\xff]{0,8}"]
}

fn fact_values() -> impl Strategy<Value = Fact> {
    prop_oneof![
        words().prop_map(Fact::Word),
        prop::collection::vec(words(), 0..4).prop_map(Fact::Words),
        (-NUMBER_MAX..=NUMBER_MAX).prop_map(Fact::Number),
        any::<bool>().prop_map(Fact::Flag),
    ]
}

const NAMES: &[&str] = &["a", "a1", "a_b", "aa", "b", "space_id", "state", "z", "0", "_"];

prop_compose! {
    fn any_draft()(
        at in -NUMBER_MAX..=NUMBER_MAX,
        kind in prop::sample::select(vec!["event.stored", "privacy.on", "action.run.finished"]),
        principal in prop::sample::select(PrincipalKind::ALL),
        actor in prop::option::of(words()),
        subject in prop::option::of((prop::sample::select(NAMES), words())),
        facts in prop::collection::btree_map(prop::sample::select(NAMES), fact_values(), 0..6),
        digests in prop::collection::btree_map(prop::sample::select(NAMES), any::<[u8; 32]>().prop_map(Digest), 0..4),
    ) -> EntryDraft {
        EntryDraft { at: Timestamp(at), kind, actor: Actor { kind: principal, id: actor }, subject, facts, digests }
    }
}

proptest! {
    #[test]
    fn the_writer_makes_the_bytes_of_rfc_8785(draft in any_draft(), seq in 1..=NUMBER_MAX, agent: u128, previous: [u8; 32]) {
        let entry = seal(&draft, AgentId(Uuid::from_u128(agent)), seq, &previous).unwrap();
        let value: Value = serde_json::from_str(&entry.text).unwrap();
        prop_assert_eq!(&serde_json_canonicalizer::to_string(&value).unwrap(), &entry.text);
        prop_assert_eq!(entry.hash, hash(entry.text.as_bytes()));

        let actor = match &draft.actor.id {
            Some(id) => json!({"id": id, "kind": draft.actor.kind}),
            None => json!({"kind": draft.actor.kind}),
        };
        prop_assert_eq!(value.get("actor"), Some(&actor));
        let subject = draft.subject.as_ref().map(|(subject_type, id)| json!({"id": id, "type": subject_type}));
        prop_assert_eq!(value.get("subject"), subject.as_ref());
        let facts: serde_json::Map<String, Value> = draft.facts.iter().map(|(name, fact)| ((*name).to_owned(), match fact {
            Fact::Word(word) => json!(word),
            Fact::Words(words) => json!(words),
            Fact::Number(number) => json!(number),
            Fact::Flag(flag) => json!(flag),
        })).collect();
        prop_assert_eq!(value.get("facts"), Some(&Value::Object(facts)));
        let digests: serde_json::Map<String, Value> =
            draft.digests.iter().map(|(name, digest)| ((*name).to_owned(), json!(digest.to_string()))).collect();
        prop_assert_eq!(value.get("digests"), Some(&Value::Object(digests)));
        prop_assert_eq!(value.get("at"), Some(&json!(draft.at.0)));
        prop_assert_eq!(value.get("seq"), Some(&json!(seq)));
        prop_assert_eq!(value.get("kind"), Some(&json!(draft.kind)));
        prop_assert_eq!(value.get("agent_id"), Some(&json!(Uuid::from_u128(agent).to_string())));
        prop_assert_eq!(value.get("previous"), Some(&json!(Digest(previous).to_string())));
    }
}
