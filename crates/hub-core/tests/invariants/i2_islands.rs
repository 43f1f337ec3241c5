//! I2: agents are islands.

use crate::world::{World, event, hurried, until};
use hub_core::clock::Clock as _;
use hub_core::hub::WorkerRole;
use hub_core::hub::actions::ActionFilter;
use hub_core::hub::memory::MemoryFilter;
use hub_core::ids::{AgentId, EventId, PersonId, SpaceId};
use hub_core::memory::RecallRequest;
use hub_core::page::PageRequest;
use hub_core::vocabulary::{EventStatus, Role};
use hub_core::{Context, Hub};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const QUESTION: &str = "where is the spare key of the garden shed?";
const SAID: [&str; 4] = [
    "The spare key of the garden shed is under the blue flowerpot",
    "The garden needs water on Monday",
    "Where did you put the key?",
    "Dinner is at seven",
];

/// Everything that an operator of an agent can read of it.
async fn everything(hub: &Hub, context: &Context, agent_id: AgentId, space: SpaceId) -> Vec<String> {
    let page = PageRequest { limit: Some(500), cursor: None };
    let recall = hub.memory().recall(context, RecallRequest::new(QUESTION)).await.unwrap();
    let ranked: Vec<_> =
        recall.memories.iter().map(|found| (found.memory.content.clone(), found.score.to_bits())).collect();
    let filter = ActionFilter::default();
    let status = hub.agents().status(&Context::admin(), agent_id).await.unwrap();
    vec![
        format!("{ranked:?} {}", recall.partial),
        format!(
            "{:?}",
            hub.memory().list(context, agent_id, MemoryFilter::default(), page.clone()).await.unwrap()
        ),
        format!("{:?}", hub.events().list(context, space, page.clone()).await.unwrap()),
        format!("{:?}", hub.actions().list(context, agent_id, filter, page.clone()).await.unwrap()),
        format!("{:?}", hub.spaces().list(context, agent_id, page.clone()).await.unwrap()),
        format!("{:?}", hub.people().list(context, agent_id, page.clone()).await.unwrap()),
        format!("{:?}", hub.audit().entries(context, agent_id, page).await.unwrap()),
        format!("{:?} {:?}", status.counts, status.queues),
    ]
}

async fn neighbour(world: &World) -> (AgentId, SpaceId, PersonId, Context) {
    let (hub, admin) = (&world.hub, Context::admin());
    let agent = hub.agents().create(&admin, "home".into()).await.unwrap().agent_id;
    let space = hub.spaces().create(&admin, agent, "kitchen".to_owned()).await.unwrap().space_id;
    let person = hub.people().create(&admin, agent, "Anna".to_owned()).await.unwrap().person_id;
    (agent, space, person, Context::operator(agent, person, Role::Owner))
}

async fn indexed(world: &World, agent: AgentId) {
    until("an empty index queue", async || {
        let status = world.hub.agents().status(&Context::admin(), agent).await.unwrap();
        let depth = status.queues["index"];
        world.pass(Duration::from_millis(20));
        (depth.ready + depth.leased == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_reads_and_its_scores_do_not_change_with_a_thousand_memories_of_another() {
    let world = World::with(&[WorkerRole::Index]).await;
    for (id, words) in (1..).zip(SAID) {
        assert_eq!(world.append(world.said(id, words)).await.0, EventStatus::Stored);
    }
    world.propose("memory.note", json!({ "text": "Buy a second key" })).await;
    indexed(&world, world.agent_id).await;
    let alone = everything(&world.hub, &world.owner(), world.agent_id, world.space_id).await;
    assert!(alone[0].contains("blue flowerpot"));

    let (agent, space, _, owner) = neighbour(&world).await;
    let now = world.clock.now();
    // The same ids and the same words, then many more of them.
    for part in 0..5_u128 {
        let events: Vec<_> = (part * 200..(part + 1) * 200)
            .map(|id| {
                let words = SAID[usize::try_from(id % 4).unwrap()];
                event(id + 1, space, now, json!({ "text": words, "role": "user" }))
            })
            .collect();
        let outcomes = world.hub.events().append(&owner, events).await.unwrap();
        assert!(outcomes.iter().all(|outcome| outcome.status == EventStatus::Stored));
    }
    indexed(&world, agent).await;
    let theirs = everything(&world.hub, &owner, agent, space).await;
    let together = everything(&world.hub, &world.owner(), world.agent_id, world.space_id).await;
    for (before, after) in alone.iter().zip(&together) {
        assert_eq!(before, after);
    }
    assert_ne!(theirs[0], alone[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_in_one_agent_leaves_the_same_id_of_another() {
    let world = World::with(&[WorkerRole::Index]).await;
    let (agent, space, _, owner) = neighbour(&world).await;
    world.append(world.said(1, SAID[0])).await;
    let theirs = event(1, space, world.clock.now(), json!({ "text": SAID[0], "role": "user" }));
    world.hub.events().append(&owner, theirs).await.unwrap();
    indexed(&world, world.agent_id).await;
    indexed(&world, agent).await;
    let before = everything(&world.hub, &world.owner(), world.agent_id, world.space_id).await;
    world.hub.events().forget(&owner, EventId(Uuid::from_u128(1))).await.unwrap();
    assert_eq!(world.hub.memory().recall(&owner, RecallRequest::new(QUESTION)).await.unwrap().memories, []);
    assert_eq!(everything(&world.hub, &world.owner(), world.agent_id, world.space_id).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn things_of_another_agent_are_not_found_by_their_id() {
    let world = World::build(|builder| builder.workers(vec![WorkerRole::Index]).settings(hurried())).await;
    let (_, space, person, owner) = neighbour(&world).await;
    world.append(world.said(1, SAID[0])).await;
    indexed(&world, world.agent_id).await;
    let memory = world.recall(QUESTION).await.memories[0].memory.memory_id;
    let action = world.propose("memory.note", json!({ "text": "x" })).await;
    let hub = &world.hub;
    let code = crate::world::code::<()>;
    assert_eq!(code(hub.memory().get(&owner, memory).await.map(|_| ())), "unknown_memory");
    assert_eq!(code(hub.memory().forget(&owner, memory).await), "unknown_memory");
    assert_eq!(code(hub.memory().edit(&owner, memory, "y".to_owned()).await.map(|_| ())), "unknown_memory");
    assert_eq!(code(hub.actions().get(&owner, action.action_id).await.map(|_| ())), "unknown_action");
    let approve = hub.actions().approve(&owner, action.action_id, action.binding_digest).await;
    assert_eq!(code(approve.map(|_| ())), "unknown_action");
    assert_eq!(code(hub.actions().cancel(&owner, action.action_id).await.map(|_| ())), "unknown_action");
    assert_eq!(code(hub.events().forget(&owner, EventId(Uuid::from_u128(1))).await), "unknown_event");
    let page = PageRequest::default();
    assert_eq!(
        code(hub.events().list(&owner, world.space_id, page.clone()).await.map(|_| ())),
        "unknown_space"
    );
    let entries = hub.audit().entries(&owner, world.agent_id, page).await;
    assert_eq!(code(entries.map(|_| ())), "unknown_agent");
    // Said in the space of one by the other, and of a person of the other.
    let elsewhere =
        world.append(event(2, space, world.clock.now(), json!({ "text": "x", "role": "user" }))).await;
    assert_eq!(elsewhere.1.unwrap().code(), "unknown_space");
    let mut of_stranger = world.said(3, "x");
    of_stranger.person_id = Some(person);
    let worker = Context::worker(world.agent_id, "planner:rules");
    let outcome = hub.events().append(&worker, of_stranger).await.unwrap().remove(0);
    assert_eq!(outcome.problem.unwrap().code(), "unknown_person");
}
