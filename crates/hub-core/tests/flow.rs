//! The main job, end to end in one process: said, remembered, proposed, approved, done, proven.
#![allow(clippy::disallowed_methods, reason = "it waits for conditions, and looks again after a moment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use hub_core::actions::Action;
use hub_core::clock::{Clock as _, SystemClock};
use hub_core::events::NewEvent;
use hub_core::hub::actions::{ActionFilter, NewAction};
use hub_core::ids::{AgentId, EventId, PersonId, SpaceId};
use hub_core::memory::RecallRequest;
use hub_core::page::PageRequest;
use hub_core::vocabulary::{ActionState, EventStatus, Role};
use hub_core::{Context, Hub};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// Waits for a condition, at most ten seconds.
async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    for _ in 0..1_000 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not come true within 10 s");
}

fn said(space_id: SpaceId, id: u128, text: &str) -> NewEvent {
    let payload = json!({ "text": text, "role": "user" });
    NewEvent {
        event_id: EventId(Uuid::from_u128(id)),
        space_id,
        event_type: "transcript_chunk".to_owned(),
        occurred_at: SystemClock.now(),
        person_id: None,
        payload: payload.as_object().unwrap().clone(),
    }
}

async fn drained(hub: &Hub, agent_id: AgentId) {
    until("drained", || async {
        let status = hub.agents().status(&Context::admin(), agent_id).await.unwrap();
        status.queues.values().all(|depth| depth.ready + depth.leased + depth.delayed == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_is_recalled_and_an_approved_action_is_done_and_proven() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::open(folder.path()).await.unwrap();
    let admin = Context::admin();
    let agent = hub.agents().create(&admin, "home".into()).await.unwrap();
    let space = hub.spaces().create(&admin, agent.agent_id, "kitchen".to_owned()).await.unwrap();
    let person = hub.people().create(&admin, agent.agent_id, "Anna".to_owned()).await.unwrap();
    let owner = Context::operator(agent.agent_id, person.person_id, Role::Owner);

    let words = "The spare key is under the blue flowerpot";
    let outcomes = hub.events().append(&owner, said(space.space_id, 1, words)).await.unwrap();
    assert_eq!(outcomes[0].status, EventStatus::Stored);
    let again = hub.events().append(&owner, said(space.space_id, 2, words)).await.unwrap();
    assert_eq!(again[0].status, EventStatus::Stored);
    drained(&hub, agent.agent_id).await;

    let found = hub.memory().recall(&owner, RecallRequest::new("where are the spare keys?")).await.unwrap();
    assert_eq!(found.memories[0].memory.content, words);
    assert_eq!(found.memories.len(), 2);

    let new = NewAction {
        action_id: None,
        space_id: space.space_id,
        tool: "memory.note".to_owned(),
        arguments: json!({ "text": "Water the plants on Monday" }),
        reason: None,
    };
    let action = hub.actions().propose(&owner, agent.agent_id, new).await.unwrap();
    assert_eq!(action.state, ActionState::AwaitingApproval);
    hub.actions().approve(&owner, action.action_id, action.binding_digest).await.unwrap();
    let done: Action = until("done", || async {
        let action = hub.actions().get(&owner, action.action_id).await.unwrap();
        (action.state == ActionState::Done).then_some(action)
    })
    .await;
    assert!(done.approvals[0].consumed_at.is_some());
    let listed = hub
        .actions()
        .list(&owner, agent.agent_id, ActionFilter::default(), PageRequest::default())
        .await
        .unwrap();
    assert_eq!(listed.items.len(), 1);

    let _ = PersonId::FIELD;
    assert!(hub.audit().verify(&admin).await.unwrap().holds());
    hub.shutdown().await;
    let report = hub_core::audit::verify_folder(folder.path()).await.unwrap();
    assert!(report.holds(), "{:?}", report.problems);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forgotten_leaves_the_actions_that_came_of_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::open(folder.path()).await.unwrap();
    let admin = Context::admin();
    let agent = hub.agents().create(&admin, "home".into()).await.unwrap().agent_id;
    let space = hub.spaces().create(&admin, agent, "kitchen".to_owned()).await.unwrap().space_id;
    let person = hub.people().create(&admin, agent, "Anna".to_owned()).await.unwrap().person_id;
    let owner = Context::operator(agent, person, Role::Owner);
    let event = said(space, 1, "Remind me to feed the zebrafish tomorrow at 9");
    hub.events().append(&owner, event).await.unwrap();
    drained(&hub, agent).await;
    let actions = hub.actions();
    let list = || actions.list(&owner, agent, ActionFilter::default(), PageRequest::default());
    let action = list().await.unwrap().items.remove(0);
    hub.actions().approve(&owner, action.action_id, action.binding_digest).await.unwrap();
    drained(&hub, agent).await;
    assert_eq!(hub.actions().get(&owner, action.action_id).await.unwrap().state, ActionState::Done);

    hub.events().forget(&owner, EventId(Uuid::from_u128(1))).await.unwrap();
    let left = list().await.unwrap().items.remove(0);
    assert_eq!((left.arguments, left.reason.as_str(), left.result), (json!({}), "", None));
    hub.shutdown().await;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(9).any(|window| window.eq_ignore_ascii_case(b"zebrafish"));
        assert!(!found, "{} still holds it", path.display());
    }
    assert!(hub_core::audit::verify_folder(folder.path()).await.unwrap().holds());
}
