#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;
use uuid::Uuid;

const GOLDEN: &str = include_str!("../../../testdata/actions/bindings-v1.json");

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn binding() -> Binding {
    Binding {
        agent_id: AgentId(id(1)),
        space_id: SpaceId(id(2)),
        requester: "worker:planner:rules".to_owned(),
        tool: "message.send".to_owned(),
        tool_version: "1.0.0".to_owned(),
        tool_schema_digest: Digest::of(b"{}"),
        arguments: json!({"to": "Anna", "text": "Tea at five?"}),
        scopes: vec![Scope::EventsWrite, Scope::CommandsReceive],
        policy_version: 0,
        expires_at: Timestamp(1_772_359_200_000_000),
    }
}

fn bindings() -> Vec<(&'static str, Binding)> {
    vec![
        ("plain", binding()),
        (
            "no scopes, no arguments, a fraction of a second",
            Binding {
                scopes: Vec::new(),
                arguments: json!({}),
                requester: format!("device:{}", id(3)),
                policy_version: 7,
                expires_at: Timestamp(1_772_359_200_000_001),
                ..binding()
            },
        ),
        (
            "Unicode, control characters, numbers and nesting in arguments",
            Binding {
                arguments: json!({
                    "\u{10000}": "\u{202e}\u{0}\"\\", "\u{fb33}": [1.0, 1e21, 0.000001, 2.5e-7, -9007199254740991_i64],
                    "b": {"z": null, "a": [true, false, {}]}, "": "Zoë 😀",
                }),
                requester: "delegate:Zoë".to_owned(),
                ..binding()
            },
        ),
    ]
}

#[test]
fn the_bytes_are_frozen() {
    let golden: Vec<Value> = serde_json::from_str(GOLDEN).unwrap();
    let made: Vec<Value> = bindings()
        .into_iter()
        .map(|(name, binding)| {
            let digest = binding.digest().unwrap().to_string();
            json!({"name": name, "canonical": binding.canonical().unwrap(), "digest": digest})
        })
        .collect();
    assert_eq!(made, golden);
}

#[test]
fn every_member_is_bound() {
    type Change = fn(&mut Binding);
    let changes: &[Change] = &[
        |b| b.agent_id = AgentId(id(9)),
        |b| b.space_id = SpaceId(id(9)),
        |b| b.requester = "worker:planner:openai".to_owned(),
        |b| b.tool = "message.sent".to_owned(),
        |b| b.tool_version = "1.0.1".to_owned(),
        |b| b.tool_schema_digest = Digest::of(b"[]"),
        |b| b.arguments = json!({"to": "Anna", "text": "Tea at six?"}),
        |b| b.arguments = json!({"to": "Anna", "text": "Tea at five?", "more": null}),
        |b| b.scopes = vec![Scope::EventsWrite],
        |b| b.policy_version = 1,
        |b| b.expires_at = Timestamp(1_772_359_200_000_001),
    ];
    let mut digests = vec![binding().digest().unwrap()];
    for change in changes {
        let mut changed = binding();
        change(&mut changed);
        digests.push(changed.digest().unwrap());
    }
    let count = digests.len();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), count);
}

#[test]
fn order_and_repetition_of_scopes_do_not_matter() {
    let scopes = vec![Scope::CommandsReceive, Scope::EventsWrite, Scope::CommandsReceive];
    assert_eq!(Binding { scopes, ..binding() }.digest().unwrap(), binding().digest().unwrap());
}

#[test]
fn numbers_that_would_share_a_digest_are_refused() {
    let large = Binding { arguments: json!({"account": 9_007_199_254_740_993_u64}), ..binding() };
    let error = large.digest().unwrap_err();
    assert_eq!((error.code(), error.field_name()), ("number_precision", Some("arguments")));
    let error = Binding { policy_version: u64::MAX, ..binding() }.digest().unwrap_err();
    assert_eq!(error.field_name(), Some("policy_version"));
}

#[test]
fn the_approver_sees_all_of_it() {
    let hostile = Binding {
        requester: "device:x\nscopes: none".to_owned(),
        arguments: json!({"text": format!("{}\u{202e}", "long ".repeat(10_000))}),
        ..binding()
    };
    let text = hostile.shown();
    assert!(text.contains("requested by: device:x\\nscopes: none\n"));
    assert!(text.contains(&"long ".repeat(10_000)));
    assert!(text.contains("\\u{202e}") && !text.contains('\u{202e}'));
    assert_eq!(text.lines().filter(|line| line.starts_with("scopes:")).count(), 1);
    let wanted = "tool: message.send\nversion: 1.0.0\nschema: \
        sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\nrequested by: worker:planner:rules\n\
        agent: 01920000-0000-7000-8000-000000000001\nspace: 01920000-0000-7000-8000-000000000002\n\
        scopes: commands:receive events:write\npolicy: 0\nexpires: 2026-03-01T10:00:00Z\n\
        arguments: {\n  \"text\": \"Tea at five?\",\n  \"to\": \"Anna\"\n}";
    assert_eq!(binding().shown(), wanted);
}

proptest! {
    #[test]
    fn two_requesters_or_tools_never_share_a_digest(one in ".{0,8}", other in ".{0,8}") {
        let digest = |requester: &str, tool: &str| {
            Binding { requester: requester.to_owned(), tool: tool.to_owned(), ..binding() }.digest().unwrap()
        };
        prop_assert_eq!(digest(&one, &other) == digest(&other, &one), one == other);
    }
}
