//! Every shape against a golden file that was written from the contract, not from the code.

use crate::table::{Reader, golden, reader, requests, table};
use hub_protocol::page::Page;
use hub_protocol::{actions::*, agents::*, artifacts::*, audit::*, consents::*, dead_letters::*, devices::*};
use hub_protocol::{events::*, memories::*, people::*, presence::*, problem::*, recall::*};
use hub_protocol::{spaces::*, status::*, tokens::*, tools::*};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn bytes(body: &Value) -> Vec<u8> {
    serde_json::to_vec(body).unwrap()
}

fn answers() -> Vec<(&'static str, Reader)> {
    table![
        "Agent" Agent, "Space" Space, "Device" Device, "DeviceCreated" DeviceCreated,
        "DeviceRotated" DeviceRotated, "Person" Person, "Consent" Consent, "Token operator" Token,
        "Token delegate" Token, "TokenCreated" TokenCreated, "Event" Event, "EventsAnswer" EventsAnswer,
        "EventType" EventType, "Presence" Presence, "RecallAnswer" RecallAnswer, "Memory" Memory,
        "Artifact" Artifact,
        "Action" Action, "Tool" Tool, "AuditEntry" AuditEntry,
        "AuditCheckpoint" AuditCheckpoint, "Status" Status, "DeadLetter" DeadLetter,
        "DeadLetterReplayed" DeadLetterReplayed, "Problem" Problem, "Page of Person" Page<Person>,
    ]
    .to_vec()
}

#[test]
fn every_shape_reads_and_writes_its_golden_form() {
    for (part, table) in [("requests", requests()), ("answers", answers())] {
        let golden = golden(part);
        let named: BTreeSet<&str> = table.iter().map(|(name, _)| *name).collect();
        assert_eq!(named, golden.keys().map(String::as_str).collect(), "{part}");
        for (name, read) in table {
            assert_eq!(read(&bytes(&golden[name])).as_ref(), Ok(&golden[name]), "{name}");
        }
    }
}

#[test]
fn a_request_with_a_field_it_does_not_know_is_refused() {
    let golden = golden("requests");
    for (name, read) in requests() {
        let mut body = golden[name].clone();
        body["surprise"] = json!(1);
        assert!(read(&bytes(&body)).unwrap_err().detail.contains("unknown field `surprise`"), "{name}");
    }
}

/// Adds a field to every object that is not free-form or a map by name.
fn surprise(value: &mut Value) {
    const FREE: [&str; 9] =
        ["payload", "arguments", "schema", "arguments_schema", "entry", "result", "queues", "counts", "legs"];
    match value {
        Value::Array(items) => items.iter_mut().for_each(surprise),
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                if !FREE.contains(&key.as_str()) {
                    surprise(value);
                }
            }
            map.insert("surprise".into(), json!({"from": "a newer hub"}));
        }
        _ => {}
    }
}

#[test]
fn an_answer_with_fields_it_does_not_know_is_understood() {
    let golden = golden("answers");
    for (name, read) in answers() {
        let mut body = golden[name].clone();
        surprise(&mut body);
        assert_eq!(read(&bytes(&body)), Ok(golden[name].clone()), "{name}");
    }
}

#[test]
fn the_least_bodies_of_the_contract_are_enough() {
    let least = json!({"name": "a"});
    for read in [reader::<CreateAgent>, reader::<CreateSpace>, reader::<CreateDevice>, reader::<CreatePerson>]
    {
        read(&bytes(&least)).unwrap();
    }
    reader::<PatchSpace>(&bytes(&json!({"privacy_mode": true}))).unwrap();
    reader::<RejectAction>(&bytes(&json!({}))).unwrap();
    reader::<TranscriptChunk>(&bytes(&json!({"text": "hi", "role": "user"}))).unwrap();
}

#[test]
fn the_schema_of_an_event_type_is_bare_or_wrapped() {
    let schema = json!({"type": "object", "required": ["open"]});
    for body in [schema.clone(), json!({"schema": schema})] {
        let put: PutEventType = serde_json::from_value(body).unwrap();
        assert_eq!(put.schema, schema);
    }
}

#[test]
fn a_secret_is_not_in_the_debug_form_of_an_answer() {
    let created: TokenCreated = serde_json::from_value(golden("answers")["TokenCreated"].clone()).unwrap();
    assert!(!format!("{created:?}").contains("hub_o_x"));
}
