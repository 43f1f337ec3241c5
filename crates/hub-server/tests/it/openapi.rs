//! The committed description is that of the code, and is sound.

use super::harness::Server;
use hub_server::openapi::document_text;
use hub_server::routes::table;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

fn document() -> Value {
    serde_json::from_str(&document_text()).unwrap()
}

#[test]
fn the_committed_document_is_that_of_the_code() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&file, document_text()).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == document_text(),
        "docs/openapi.json is not that of the code; UPDATE_OPENAPI=1 cargo test -p hub-server openapi writes it"
    );
}

#[test]
fn its_texts_link_to_nothing_of_the_code() {
    assert_eq!(document_text().match_indices("[`").count(), 0, "a link of rustdoc is no text for others");
}

#[test]
fn every_route_is_in_it_and_nothing_else() {
    let document = document();
    let routes: BTreeSet<(String, String)> =
        table().iter().map(|route| (route.method.to_lowercase(), route.path.to_owned())).collect();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        described.extend(item.as_object().unwrap().keys().map(|method| (method.clone(), path.clone())));
    }
    assert_eq!(routes, described);
    assert_eq!(routes.len(), table().len(), "a route stands in the table twice");
}

#[test]
fn operations_are_whole_and_their_references_lead_somewhere() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name}: its id is another's");
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.contains_key("default") && answers.len() >= 2, "{name}: {answers:?}");
            for answer in answers.values() {
                assert!(answer["description"].is_string(), "{name}");
            }
            let placed: BTreeSet<&str> =
                path.split('{').skip(1).map(|part| part.split('}').next().unwrap()).collect();
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let stated: BTreeSet<&str> = parameters
                .iter()
                .filter(|parameter| parameter["in"] == "path" && parameter["required"] == true)
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            assert_eq!(placed, stated, "{name}");
            assert_eq!(operation["security"].is_array(), path.starts_with("/v1/"), "{name}");
        }
    }
    references(&document, &document);
}

fn references(document: &Value, part: &Value) {
    match part {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
            }
            members.values().for_each(|member| references(document, member));
        }
        Value::Array(items) => items.iter().for_each(|item| references(document, item)),
        _ => {}
    }
}

#[test]
fn its_schemas_are_json_schemas_and_fit_what_the_contract_shows() {
    let document = document();
    let mut compiler = boon::Compiler::new();
    compiler.set_default_draft(boon::Draft::V2020_12);
    compiler.add_resource("https://hub.test/openapi.json", document.clone()).unwrap();
    let mut schemas = boon::Schemas::new();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let place = format!("https://hub.test/openapi.json#/components/schemas/{name}");
        compiler.compile(&place, &mut schemas).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    }
    let events = "https://hub.test/openapi.json#/components/schemas/EventsRequest";
    let events = compiler.compile(events, &mut schemas).unwrap();
    let event = json!({
        "event_id": "0192f0c1-2345-7000-8000-000000000005",
        "space_id": "0192f0c1-2345-7000-8000-000000000002",
        "type": "transcript_chunk",
        "occurred_at": "2026-03-01T10:00:00Z",
        "payload": {"text": "hello", "role": "user"}
    });
    assert!(schemas.validate(&event, events).is_ok());
    assert!(schemas.validate(&json!({"events": [event]}), events).is_ok());
    assert!(schemas.validate(&json!({"events": []}), events).is_err());
}

#[tokio::test]
async fn the_served_document_is_the_committed_one() {
    let server = Server::start().await;
    let reply = server.raw("GET", "/openapi.json", None, None).await;
    assert_eq!((reply.status, reply.text), (200, document_text()));
}

/// The words of a set are those that travel, not what the code calls them.
#[test]
fn its_words_are_those_that_travel() {
    use hub_core::vocabulary::{ActionState, ConsentKind, EventStatus, PlannerKind, Role, Scope, Tier};
    let document = document();
    let schemas = &document["components"]["schemas"];
    let words = [
        ("ActionState", json!(ActionState::ALL)),
        ("ConsentKind", json!(ConsentKind::ALL)),
        ("EventStatus", json!(EventStatus::ALL)),
        ("PlannerKind", json!(PlannerKind::ALL)),
        ("Role", json!(Role::ALL)),
        ("Scope", json!(Scope::ALL)),
        ("Tier", json!(Tier::ALL)),
    ];
    for (name, travel) in words {
        assert_eq!(schemas[name]["enum"], travel, "{name}");
    }
}
