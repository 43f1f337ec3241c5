//! Text with the character NUL, which PostgreSQL cannot hold, is refused by both databases alike, and
//! wherever it comes in.

use super::Fresh;
use super::house::{House, Process};
use hub_core::events::Batch;
use hub_core::hub::actions::NewAction;
use hub_core::hub::devices::{DevicePatch, NewDevice};
use hub_core::hub::memory::NewNote;
use hub_core::hub::spaces::SpacePatch;
use hub_core::memory::RecallRequest;
use hub_core::page::PageRequest;
use hub_core::store::{Executor, PostgresExecutor, SqliteExecutor};
use hub_core::vocabulary::{ErrorKind, EventStatus};
use hub_core::{Context, Result};
use serde_json::{Value, json};
use std::sync::Arc;

const BAD: &str = "be\0hind";

#[track_caller]
fn refused<T>(what: &str, answer: Result<T>) {
    match answer {
        Ok(_) => panic!("{what} was taken"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Invalid, "{what}: {error:?}"),
    }
}

fn payload(payload: &Value) -> serde_json::Map<String, Value> {
    payload.as_object().unwrap().clone()
}

async fn events(process: &Process, house: &House) {
    let bad = [
        json!({ "text": BAD, "role": "user" }),
        json!({ "text": "x", "role": "user", "speaker": BAD }),
        json!({ "text": "x", "role": "user", BAD: 1 }),
    ];
    let mut events = vec![Ok(house.said(1, "before"))];
    for (id, bad) in (2..).zip(&bad) {
        events.push(Ok(hub_core::events::NewEvent { payload: payload(bad), ..house.said(id, "") }));
    }
    for (id, name) in [(5, "custom.\0"), (6, "custom.noise"), (7, "custom.noise"), (8, "chat_message\0")] {
        let mut event = house.said(id, "");
        event.event_type = name.to_owned();
        event.payload = payload(&if id == 6 { json!({ "a": [{ "b": BAD }] }) } else { json!({ BAD: 1 }) });
        events.push(Ok(event));
    }
    events.push(Ok(house.said(9, "after")));
    let outcomes =
        process.hub.events().append(&house.owner(), Batch { events, sent_at: None }).await.unwrap();
    for (index, outcome) in outcomes.iter().enumerate() {
        let stored = index == 0 || index == outcomes.len() - 1;
        let wanted = if stored { EventStatus::Stored } else { EventStatus::Refused };
        assert_eq!(outcome.status, wanted, "{index}: {outcome:?}");
        let kind = outcome.problem.as_ref().map(|problem| (problem.kind(), problem.code()));
        assert_eq!(kind, (!stored).then_some((ErrorKind::Invalid, "nul_character")), "{index}: {outcome:?}");
    }
}

async fn entities(process: &Process, house: &House) {
    let (hub, admin, agent) = (&process.hub, Context::admin(), house.agent);
    let bad = || BAD.to_owned();
    refused("an agent", hub.agents().create(&admin, BAD.into()).await);
    refused("a space", hub.spaces().create(&admin, agent, bad()).await);
    let patch = SpacePatch { name: Some(bad()), ..SpacePatch::default() };
    refused("a space's name", hub.spaces().update(&admin, house.space, patch).await);
    refused("a person", hub.people().create(&admin, agent, bad()).await);
    let new = NewDevice { name: bad(), scopes: vec![] };
    refused("a device", hub.devices().create(&admin, agent, new).await);
    let new = NewDevice { name: "lamp".to_owned(), scopes: vec![] };
    let lamp = hub.devices().create(&admin, agent, new).await.unwrap().0.device_id;
    let patch = DevicePatch { name: Some(bad()), ..DevicePatch::default() };
    refused("a device's name", hub.devices().update(&admin, lamp, patch).await);
    let types = hub.events();
    refused("a type", types.put_type(&admin, agent, format!("custom.{BAD}"), json!({})).await);
    let schema = json!({ "type": "object", "properties": { BAD: {} } });
    refused("a schema", types.put_type(&admin, agent, "custom.other".to_owned(), schema).await);
    types.put_type(&admin, agent, "custom.noise".to_owned(), json!({ "type": "object" })).await.unwrap();
    // Nobody looked at this one: the store does.
    refused("a type to look up", types.get_type(&admin, agent, BAD).await);
    let page = PageRequest { cursor: Some(bad()), ..PageRequest::default() };
    refused("a cursor", hub.people().list(&house.owner(), agent, page).await);
}

async fn content(process: &Process, house: &House) {
    let (hub, owner, agent) = (&process.hub, house.owner(), house.agent);
    refused("a query", hub.memory().recall(&owner, RecallRequest::new(BAD)).await);
    let note =
        |content: &str| NewNote { space_id: house.space, content: content.to_owned(), person_id: None };
    refused("a note", hub.memory().note(&owner, agent, note(BAD)).await);
    let kept = hub.memory().note(&owner, agent, note("good")).await.unwrap();
    refused("an edit", hub.memory().edit(&owner, kept.memory_id, BAD.to_owned()).await);
    let action = |arguments: Value, tool: &str, reason: Option<&str>| NewAction {
        action_id: None,
        space_id: house.space,
        tool: tool.to_owned(),
        arguments,
        reason: reason.map(str::to_owned),
    };
    let actions = hub.actions();
    let words = |words: &str| json!({ "text": words });
    refused("arguments", actions.propose(&owner, agent, action(words(BAD), "memory.note", None)).await);
    refused("a reason", actions.propose(&owner, agent, action(words("x"), "memory.note", Some(BAD))).await);
    assert!(actions.propose(&owner, agent, action(words("x"), BAD, None)).await.is_err());
    let proposed =
        actions.propose(&owner, agent, action(words("x"), "memory.note", None)).await.unwrap().action_id;
    refused("a reason to reject", actions.reject(&owner, proposed, Some(BAD.to_owned())).await);
}

async fn everywhere(executor: Arc<dyn Executor>) {
    let process = Process::over(executor, &[]).await;
    let house = House::make(&process.hub).await;
    entities(&process, &house).await;
    events(&process, &house).await;
    content(&process, &house).await;
    assert!(process.hub.audit().verify(&Context::admin()).await.unwrap().holds());
    process.hub.shutdown().await;
}

#[tokio::test]
async fn nul_is_refused_on_postgresql() {
    let Some(fresh) = Fresh::make().await else { return };
    everywhere(Arc::new(PostgresExecutor::open(&fresh.url()).await.unwrap())).await;
}

#[tokio::test]
async fn nul_is_refused_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    everywhere(Arc::new(SqliteExecutor::open(&folder.path().join("hub.db")).await.unwrap())).await;
}
