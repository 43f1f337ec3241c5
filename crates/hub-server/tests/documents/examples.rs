//! The examples in `docs/PROTOCOL.md` are read by the types that they name.

use super::document;
use hub_protocol::{
    actions, artifacts, audit, consents, decode, devices, events, problem, recall, status, tokens,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A request: a field that is not known is refused.
fn request<T: DeserializeOwned>(text: &str) {
    decode::decode::<T>(text.as_bytes()).unwrap();
}

/// An answer: fields that are not known are ignored, so what was read is written again and compared.
fn answer<T: DeserializeOwned + Serialize>(text: &str) {
    let written: Value = serde_json::from_str(text).unwrap();
    let read: T = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), written);
}

#[test]
fn every_example_has_the_shape_that_it_names() {
    let text = document("PROTOCOL.md");
    let mut examples = 0;
    for block in text.split("```json ").skip(1) {
        let (name, rest) = block.split_once('\n').unwrap();
        let example = rest.split("```").next().unwrap();
        examples += 1;
        match name {
            "Action" => answer::<actions::Action>(example),
            "ApproveAction" => request::<actions::ApproveAction>(example),
            "Artifact" => answer::<artifacts::Artifact>(example),
            "AuditEntry" => answer::<audit::AuditEntry>(example),
            "CreateDevice" => request::<devices::CreateDevice>(example),
            "CreateToken" => request::<tokens::CreateToken>(example),
            "DeviceCreated" => answer::<devices::DeviceCreated>(example),
            "EventsAnswer" => answer::<events::EventsAnswer>(example),
            "EventsRequest" => {
                let read = events::EventsRequest::decode(example.as_bytes()).unwrap();
                for event in read.events {
                    assert!(matches!(event, events::IncomingEvent::Event(_)), "{event:?}");
                }
            }
            "GrantConsent" => request::<consents::GrantConsent>(example),
            "Problem" => answer::<problem::Problem>(example),
            "ProposeAction" => request::<actions::ProposeAction>(example),
            "RecallAnswer" => answer::<recall::RecallAnswer>(example),
            "RecallRequest" => request::<recall::RecallRequest>(example),
            "Status" => answer::<status::Status>(example),
            other => panic!("docs/PROTOCOL.md has an example of the unknown shape {other}"),
        }
    }
    assert!(examples >= 14, "only {examples} examples were found");
}
