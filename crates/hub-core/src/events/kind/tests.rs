#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;
use serde_json::json;

const TYPES: &[&str] = &[
    "transcript_chunk",
    "chat_message",
    "observation",
    "artifact_reference",
    "device_status",
    "reminder_due",
    "joined",
    "left",
    "interrupted",
    "turn_ended",
    "custom.a",
];

/// Payloads of names that types know, with values that seldom and sometimes are what they ask for.
fn payloads() -> impl Strategy<Value = Map<String, Value>> {
    let names = prop_oneof![
        8 => prop::sample::select(&["text", "role", "speaker", "modality", "confidence", "language", "kind", "action_id", "artifact_id"][..])
            .prop_map(str::to_owned),
        1 => ".{0,80}",
    ];
    let values = prop_oneof![
        ".{0,10}".prop_map(Value::from),
        "x{199,202}".prop_map(Value::from),
        prop::sample::select(&["user", "agent", "text", "voice", "face", "person", "motion"][..])
            .prop_map(Value::from),
        any::<u128>().prop_map(|id| json!(uuid::Uuid::from_u128(id))),
        (-0.5..1.5).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!(["text"])),
    ];
    prop::collection::vec((names, values), 0..7).prop_map(|members| members.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn any_payload_is_read_or_refused_by_the_field_at_fault(name in prop::sample::select(TYPES), payload in payloads()) {
        let kind = EventType::parse(name).unwrap();
        match read(kind, &payload) {
            Ok(reading) => {
                let said = |field: &str| payload.get(field).and_then(Value::as_str);
                let confidence = payload.get("confidence").and_then(Value::as_f64);
                if kind.is_talk() || kind == EventType::Observation {
                    prop_assert!(confidence.is_none_or(|sure| (0.0..=1.0).contains(&sure)));
                }
                if kind.is_talk() {
                    prop_assert!(said("text").is_some_and(|text| text.len() <= limits::TEXT_BYTES));
                    let by_agent = said("role") == Some("agent");
                    let spoken = said("modality") == Some("voice");
                    prop_assert_eq!(reading.consent.is_some(), spoken && !by_agent);
                }
                if kind == EventType::Observation {
                    let body = matches!(said("modality"), Some("voice" | "face"));
                    prop_assert_eq!((reading.biometric, reading.consent.is_some()), (body, body));
                }
                prop_assert_eq!(needs_consent(name, &payload), reading.consent.is_some());
                prop_assert_eq!(artifact_of(name, &payload), reading.artifact);
            }
            Err(error) => {
                prop_assert!(error.field_name().is_some_and(|field| field.starts_with("payload.")), "{:?}", error);
                prop_assert!(error.field_name().is_some_and(|field| field.chars().count() <= 70), "{:?}", error);
                prop_assert!(!needs_consent(name, &payload));
            }
        }
    }

    #[test]
    fn a_type_is_built_in_or_of_the_agent_s_own(name in "custom\\.[a-z0-9_.]{0,95}|custom.[A-Z é]{1,3}|[a-z_]{0,20}|.{0,12}") {
        let own = name.strip_prefix("custom.").is_some_and(|rest| {
            (1..=90).contains(&rest.len()) && rest.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '.'))
        });
        match EventType::parse(&name) {
            Ok(EventType::Custom) => prop_assert!(own),
            Ok(_) => prop_assert!(TYPES.contains(&name.as_str())),
            Err(error) => {
                prop_assert!(!own && !TYPES.contains(&name.as_str()));
                prop_assert_eq!(error.field_name(), Some("type"));
            }
        }
    }
}
