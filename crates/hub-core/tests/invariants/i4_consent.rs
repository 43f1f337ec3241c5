//! I4: consent is asked when it is used, and its end erases.

use crate::world::{Scripted, World, a_fact_and_a_request, code, hurried};
use hub_core::clock::{Clock as _, Timestamp};
use hub_core::consent::Grant;
use hub_core::hub::WorkerRole;
use hub_core::hub::consents::NewGrant;
use hub_core::hub::memory::MemoryFilter;
use hub_core::page::PageRequest;
use hub_core::testkit::Gate;
use hub_core::vocabulary::{ActionState, ConsentKind, EventStatus, PlannerKind};
use std::time::Duration;

const SAID: &str = "My sister Charlotte lives in Aberystwyth";

async fn grant(world: &World, kind: ConsentKind, expires_at: Option<Timestamp>) -> Grant {
    let new = NewGrant { kind, expires_at };
    world.hub.consent().grant(&world.owner(), world.anna, new).await.unwrap()
}

#[tokio::test]
async fn a_voice_without_a_grant_is_refused_and_the_denial_is_in_the_log() {
    let world = World::new().await;
    let (status, problem) = world.append(world.spoken(1, SAID, "voice")).await;
    assert_eq!((status, problem.unwrap().code()), (EventStatus::Refused, "no_consent"));
    let log = world.log().await;
    let denied: Vec<_> = log.iter().filter(|entry| entry["kind"] == "consent.denied").collect();
    assert_eq!(denied.len(), 1);
    assert_eq!(denied[0]["subject"]["id"], "00000000-0000-0000-0000-000000000001");
    assert_eq!(world.number("SELECT count(*) FROM events").await, 0);
    // A grant of something else is none of voice.
    grant(&world, ConsentKind::Face, None).await;
    grant(&world, ConsentKind::Recording, None).await;
    assert_eq!(world.append(world.spoken(1, SAID, "voice")).await.0, EventStatus::Refused);
    // Typed words need none, and another's grant does not help.
    assert_eq!(world.append(world.said(2, SAID)).await.0, EventStatus::Stored);
    let of_ben = NewGrant { kind: ConsentKind::Voice, expires_at: None };
    world.hub.consent().grant(&world.member(), world.ben, of_ben).await.unwrap();
    assert_eq!(world.append(world.spoken(3, SAID, "voice")).await.0, EventStatus::Refused);
    assert_eq!(world.logged("consent.denied").await, 3);
}

#[tokio::test]
async fn a_grant_holds_until_the_instant_of_its_expiry_and_not_at_it() {
    let world = World::new().await;
    let end = world.clock.now().after(Duration::from_secs(60));
    grant(&world, ConsentKind::Voice, Some(end)).await;
    world.clock.set(end.before(Duration::from_micros(1)));
    assert_eq!(world.append(world.spoken(1, SAID, "voice")).await.0, EventStatus::Stored);
    world.clock.set(end);
    assert_eq!(world.append(world.spoken(2, SAID, "voice")).await.0, EventStatus::Refused);
    // What happened while it held, but comes after it, is refused: consent is asked at the use.
    let mut spooled = world.spoken(3, SAID, "voice");
    spooled.occurred_at = end.before(Duration::from_secs(30));
    assert_eq!(world.append(spooled).await.0, EventStatus::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_erases_words_memories_and_terms_from_every_file() {
    let world = World::with(&[WorkerRole::Index, WorkerRole::Plan]).await;
    let voice = grant(&world, ConsentKind::Voice, None).await;
    assert_eq!(world.append(world.spoken(1, SAID, "voice")).await.0, EventStatus::Stored);
    let typed = world.said(2, "Dinner is at seven");
    assert_eq!(world.append(typed).await.0, EventStatus::Stored);
    world.done_with("index").await;
    world.pass(Duration::from_secs(60));
    world.done_with("window").await;
    world.done_with("plan").await;
    let found = world.recall("Where does Charlotte live?").await.memories;
    assert!(found.iter().any(|recalled| recalled.memory.content == SAID), "what was said is recalled");
    assert!(world.file_with("Aberystwyth").is_some());

    world.hub.consent().revoke(&world.owner(), voice.consent_id).await.unwrap();
    assert!(world.recall("Where does Charlotte live?").await.memories.is_empty());
    assert_eq!(world.event_ids().await, [2]);
    let page = PageRequest { limit: Some(500), cursor: None };
    let left = world.hub.memory().list(&world.owner(), world.agent_id, MemoryFilter::default(), page).await;
    assert_eq!(left.unwrap().items.len(), 1);
    assert_eq!(world.logged("consent.revoked").await, 1);
    assert_eq!(world.logged("consent.erased").await, 1);
    assert!(world.hub.audit().verify(&hub_core::Context::admin()).await.unwrap().holds());
    world.stop().await;
    for word in [SAID, "Charlotte", "Aberystwyth", "charlott", "aberystwyth"] {
        assert_eq!(world.file_with(word), None, "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rests_on_a_grant_that_has_ended_is_not_recalled_before_it_is_erased() {
    let mut world = World::with(&[WorkerRole::Index]).await;
    let end = world.clock.now().after(Duration::from_secs(3_600));
    grant(&world, ConsentKind::Voice, Some(end)).await;
    world.append(world.spoken(1, SAID, "voice")).await;
    world.done_with("index").await;
    let found = world.recall("Where does Charlotte live?").await.memories;
    let memory = found[0].memory.memory_id;
    assert_eq!(found.len(), 1);
    assert!(world.hub.memory().get(&world.owner(), memory).await.is_ok());
    world.clock.set(end);
    assert_eq!(world.number("SELECT count(*) FROM memories").await, 1);
    assert!(world.recall("Where does Charlotte live?").await.memories.is_empty());
    let page = PageRequest::default();
    let listed = world.hub.memory().list(&world.owner(), world.agent_id, MemoryFilter::default(), page).await;
    assert_eq!(listed.unwrap().items, []);
    let gone = world.hub.memory().get(&world.owner(), memory).await;
    assert_eq!(code(gone), "unknown_memory");
    assert!(world.event_ids().await.is_empty());
    // The timers then erase it.
    world.restart(|builder| builder.workers(vec![WorkerRole::Timers])).await;
    crate::world::until("erased", async || {
        world.pass(Duration::from_millis(250));
        (world.number("SELECT count(*) FROM memories").await == 0).then_some(())
    })
    .await;
    world.stop().await;
    assert_eq!(world.file_with("Aberystwyth"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_rests_on_a_revoked_voice_is_withdrawn() {
    let world = World::with(&[WorkerRole::Plan]).await;
    let voice = grant(&world, ConsentKind::Voice, None).await;
    world.append(world.spoken(1, "Remind me to call Charlotte tomorrow at five", "voice")).await;
    world.pass(Duration::from_secs(60));
    world.done_with("window").await;
    world.done_with("plan").await;
    let page = PageRequest::default();
    let filter = hub_core::hub::actions::ActionFilter::default();
    let listed = world.hub.actions().list(&world.owner(), world.agent_id, filter.clone(), page.clone()).await;
    let action = listed.unwrap().items.remove(0);
    assert_eq!(action.state, ActionState::AwaitingApproval);
    world.hub.consent().revoke(&world.owner(), voice.consent_id).await.unwrap();
    let action = world.action(action.action_id).await;
    assert_ne!(action.state, ActionState::AwaitingApproval);
    let approve = world.hub.actions().approve(&world.owner(), action.action_id, action.binding_digest).await;
    assert_eq!(code(approve), "action_state");
    world.stop().await;
    assert_eq!(world.file_with("Charlotte"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_is_not_shown_a_voice_whose_grant_has_ended() {
    let planner = Scripted::new(a_fact_and_a_request);
    let mut world = World::new().await;
    let end = world.clock.now().after(Duration::from_secs(3_600));
    grant(&world, ConsentKind::Voice, Some(end)).await;
    world.append(world.spoken(1, SAID, "voice")).await;
    world.append(world.said(2, "Dinner is at seven")).await;
    world.clock.set(end);
    let asked = planner.clone();
    world.restart(|builder| builder.workers(vec![WorkerRole::Plan]).planner(PlannerKind::Rules, asked)).await;
    world.done_with("window").await;
    world.done_with("plan").await;
    let shown: Vec<_> = planner.seen().into_iter().flat_map(|window| window.utterances).collect();
    assert_eq!(shown.iter().map(|said| said.text.as_str()).collect::<Vec<_>>(), ["Dinner is at seven"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_revoked_while_it_was_being_planned_is_not_written() {
    let gate = Gate::default();
    let planner = Scripted::behind(std::slice::from_ref(&gate), a_fact_and_a_request);
    let world = World::build(|builder| {
        let roles = vec![WorkerRole::Plan];
        builder.workers(roles).planner(PlannerKind::Rules, planner.clone()).settings(hurried())
    })
    .await;
    let voice = grant(&world, ConsentKind::Voice, None).await;
    world.append(world.spoken(1, SAID, "voice")).await;
    gate.reached().await;
    world.hub.consent().revoke(&world.owner(), voice.consent_id).await.unwrap();
    gate.open();
    world.done_with("plan").await;
    let left = "SELECT (SELECT count(*) FROM memories) + (SELECT count(*) FROM actions)";
    assert_eq!(world.number(left).await, 0);
    assert_eq!(world.number("SELECT count(*) FROM windows WHERE state = 'planned'").await, 1);
    world.stop().await;
    assert_eq!(world.file_with("Charlotte"), None);
}
