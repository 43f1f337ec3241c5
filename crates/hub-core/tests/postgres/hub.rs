//! A hub on PostgreSQL: said, remembered, approved, done, forgotten, proven, and there after a restart.
#![allow(clippy::disallowed_methods, reason = "it waits for conditions, and looks again after a moment")]

use super::Fresh;
use hub_core::clock::{Clock as _, SystemClock};
use hub_core::events::NewEvent;
use hub_core::hub::actions::{ActionFilter, NewAction};
use hub_core::ids::{AgentId, EventId, SpaceId};
use hub_core::memory::RecallRequest;
use hub_core::page::PageRequest;
use hub_core::store::{Executor as _, Intent, PostgresExecutor, Reach, Statement};
use hub_core::vocabulary::{ActionState, EventStatus, Role};
use hub_core::{Context, Hub, HubBuilder};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const KEY: &str = "The spare key is under the blue flowerpot";
const FISH: &str = "Remind me to feed the zebrafish tomorrow at 9";

async fn open(folder: &Path, fresh: &Fresh) -> Hub {
    let executor = PostgresExecutor::open(&fresh.url()).await.unwrap();
    HubBuilder::in_folder(folder).executor(Arc::new(executor)).open().await.unwrap()
}

fn said(space_id: SpaceId, id: u128, text: &str) -> NewEvent {
    NewEvent {
        event_id: EventId(Uuid::from_u128(id)),
        space_id,
        event_type: "transcript_chunk".to_owned(),
        occurred_at: SystemClock.now(),
        person_id: None,
        payload: json!({ "text": text, "role": "user" }).as_object().unwrap().clone(),
    }
}

/// Waits until no work is left, at most twenty seconds.
async fn drained(hub: &Hub, agent: AgentId) {
    for _ in 0..2_000 {
        let status = hub.agents().status(&Context::admin(), agent).await.unwrap();
        if status.queues.values().all(|depth| depth.ready + depth.leased + depth.delayed == 0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("there is work left after 20 s");
}

async fn recalled(hub: &Hub, owner: &Context, question: &str) -> Vec<String> {
    let found = hub.memory().recall(owner, RecallRequest::new(question)).await.unwrap();
    found.memories.into_iter().map(|hit| hit.memory.content).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_does_its_main_job_on_postgresql() {
    let Some(fresh) = Fresh::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let hub = open(folder.path(), &fresh).await;
    let admin = Context::admin();
    let agent = hub.agents().create(&admin, "home".into()).await.unwrap().agent_id;
    let space = hub.spaces().create(&admin, agent, "kitchen".to_owned()).await.unwrap().space_id;
    let person = hub.people().create(&admin, agent, "Anna".to_owned()).await.unwrap().person_id;
    let owner = Context::operator(agent, person, Role::Owner);
    for (id, words) in [(1, KEY), (2, FISH)] {
        let outcomes = hub.events().append(&owner, said(space, id, words)).await.unwrap();
        assert_eq!(outcomes[0].status, EventStatus::Stored);
    }
    let again = hub.events().append(&owner, said(space, 1, KEY)).await.unwrap();
    assert_ne!(again[0].status, EventStatus::Stored, "the same id is stored once");
    drained(&hub, agent).await;
    assert_eq!(recalled(&hub, &owner, "where are the spare keys?").await[0], KEY);

    let arguments = json!({ "text": "Water the plants on Monday" });
    let new = NewAction {
        action_id: None,
        space_id: space,
        tool: "memory.note".to_owned(),
        arguments,
        reason: None,
    };
    let action = hub.actions().propose(&owner, agent, new).await.unwrap();
    hub.actions().approve(&owner, action.action_id, action.binding_digest).await.unwrap();
    drained(&hub, agent).await;
    assert_eq!(hub.actions().get(&owner, action.action_id).await.unwrap().state, ActionState::Done);

    hub.events().forget(&owner, EventId(Uuid::from_u128(2))).await.unwrap();
    assert!(!recalled(&hub, &owner, "zebrafish").await.iter().any(|words| words.contains("zebrafish")));
    assert!(hub.audit().verify(&admin).await.unwrap().holds());
    hub.shutdown().await;

    let hub = open(folder.path(), &fresh).await;
    assert_eq!(recalled(&hub, &owner, "where are the spare keys?").await[0], KEY);
    let actions = hub.actions().list(&owner, agent, ActionFilter::default(), PageRequest::default()).await;
    assert!(actions.unwrap().items.iter().any(|listed| listed.action_id == action.action_id));
    tampering_is_found(&hub, &fresh).await;
    hub.shutdown().await;
}

/// What somebody changes in the log with PostgreSQL's own tools does not pass.
async fn tampering_is_found(hub: &Hub, fresh: &Fresh) {
    const CHANGE: Statement = Statement::new(
        "UPDATE audit_entries SET entry = replace(entry, 'a', 'b') \
         WHERE rowid = (SELECT max(rowid) - 1 FROM audit_entries)",
    );
    let outside = PostgresExecutor::open(&fresh.url()).await.unwrap();
    let mut tx = outside.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    tx.query(&CHANGE, vec![]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!hub.audit().verify(&Context::admin()).await.unwrap().holds());
}
