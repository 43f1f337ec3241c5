//! I1: acknowledged is durable.

use crate::world::{World, code, settle};
use hub_core::Context;
use hub_core::testkit::{Fault, Gate, Step};
use hub_core::vocabulary::{ActionState, EventStatus};
use serde_json::json;

const ROWS: &str = "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM queue) + (SELECT count(*) FROM audit_entries)";

#[tokio::test]
async fn no_event_is_acknowledged_before_its_commit() {
    let world = World::new().await;
    let gate = Gate::default();
    world.database.at(Step::Commit, 1, Fault::Hold(gate.clone()));
    let (hub, owner, event) = (world.hub.clone(), world.owner(), world.said(1, "Good morning"));
    let asked = tokio::spawn(async move { hub.events().append(&owner, event).await });
    gate.reached().await;
    settle().await;
    assert!(!asked.is_finished(), "answered while the commit was still to come");
    assert!(world.event_ids().await.is_empty());
    gate.open();
    assert_eq!(asked.await.unwrap().unwrap()[0].status, EventStatus::Stored);
    assert_eq!(world.event_ids().await, [1]);
}

#[tokio::test]
async fn no_operation_is_acknowledged_before_its_commit() {
    let world = World::new().await;
    let gate = Gate::default();
    world.database.at(Step::Commit, 1, Fault::Hold(gate.clone()));
    let (hub, agent_id) = (world.hub.clone(), world.agent_id);
    let asked =
        tokio::spawn(
            async move { hub.people().create(&Context::admin(), agent_id, "Carl".to_owned()).await },
        );
    gate.reached().await;
    settle().await;
    assert!(!asked.is_finished(), "answered while the commit was still to come");
    gate.open();
    let person = asked.await.unwrap().unwrap().person_id;
    assert!(world.hub.people().get(&world.owner(), person).await.is_ok());
}

#[tokio::test]
async fn a_commit_that_fails_is_answered_unavailable_and_leaves_nothing() {
    let world = World::new().await;
    let before = world.number(ROWS).await;
    world.database.at(Step::Commit, 1, Fault::Fail);
    let error = world.hub.events().append(&world.owner(), world.said(1, "Hello")).await.unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("store_unavailable", true));
    assert_eq!(world.number(ROWS).await, before);
    assert_eq!(world.append(world.said(1, "Hello")).await.0, EventStatus::Stored);
    assert!(world.hub.audit().verify(&Context::admin()).await.unwrap().holds());
}

#[tokio::test]
async fn a_failure_at_any_statement_leaves_nothing_and_the_next_try_stores_once() {
    let world = World::new().await;
    for nth in 1.. {
        let event = world.said(u128::from(nth), "Once more");
        let before = world.number(ROWS).await;
        let began = world.database.seen(Step::Statement);
        world.database.at(Step::Statement, nth, Fault::Fail);
        match world.hub.events().append(&world.owner(), event.clone()).await {
            Err(error) => {
                assert_eq!(error.code(), "store_unavailable");
                assert_eq!(world.number(ROWS).await, before, "statement {nth} failed and something was left");
                assert_eq!(world.append(event).await.0, EventStatus::Stored);
            }
            Ok(_) => {
                assert!(nth > 5 && world.database.seen(Step::Statement) - began < nth);
                break;
            }
        }
    }
    assert!(world.hub.audit().verify(&Context::admin()).await.unwrap().holds());
}

#[tokio::test]
async fn an_answer_that_was_lost_is_a_duplicate_when_asked_again() {
    let world = World::new().await;
    world.database.at(Step::Commit, 1, Fault::Lose);
    let answer = world.hub.events().append(&world.owner(), world.said(1, "Hello")).await;
    assert_eq!(code(answer), "store_unavailable");
    assert_eq!(world.append(world.said(1, "Hello")).await.0, EventStatus::Duplicate);
    assert_eq!(world.event_ids().await, [1]);
    assert_eq!(world.logged("event.stored").await, 1);
}

#[tokio::test]
async fn a_caller_who_goes_away_and_asks_again_is_stored_once() {
    let world = World::new().await;
    let gate = Gate::default();
    world.database.at(Step::Commit, 1, Fault::Hold(gate.clone()));
    let (hub, owner, event) = (world.hub.clone(), world.owner(), world.said(1, "Hello"));
    let asked = tokio::spawn(async move { hub.events().append(&owner, event).await });
    gate.reached().await;
    asked.abort();
    assert!(asked.await.unwrap_err().is_cancelled());
    gate.open();
    assert_eq!(world.append(world.said(1, "Hello")).await.0, EventStatus::Duplicate);
    assert_eq!((world.event_ids().await, world.logged("event.stored").await), (vec![1], 1));
}

#[tokio::test]
async fn what_one_operation_wrote_before_it_failed_is_undone_and_the_others_of_its_commit_stand() {
    let world = World::new().await;
    let action = world.propose("memory.note", json!({ "text": "Water the plants" })).await;
    // Whoever wrote this row makes the approval fail after it has moved the state.
    world
        .sql(
            "INSERT INTO approvals (agent_id, action_id, person_id, decision, binding_digest, decided_at) \
             SELECT agent_id, action_id, $1, 'approved', binding_digest, 1 FROM actions",
            vec![world.anna.into()],
        )
        .await;
    let logged = world.log().await.len();
    let gate = world.busy().await;
    let commits = world.database.seen(Step::Commit);
    let (hub, owner, id, digest) =
        (world.hub.clone(), world.owner(), action.action_id, action.binding_digest);
    let fails = tokio::spawn(async move { hub.actions().approve(&owner, id, digest).await });
    let (hub, agent_id) = (world.hub.clone(), world.agent_id);
    let holds =
        tokio::spawn(
            async move { hub.people().create(&Context::admin(), agent_id, "Carl".to_owned()).await },
        );
    settle().await;
    gate.open();
    assert_eq!(code(fails.await.unwrap()), "internal");
    assert!(holds.await.unwrap().is_ok());
    assert_eq!(world.database.seen(Step::Commit), commits + 1, "they shared a commit");
    assert_eq!(world.action(id).await.state, ActionState::AwaitingApproval);
    // Two people were made; of the approval nothing is told.
    assert_eq!(world.log().await.len(), logged + 2);
    assert!(world.hub.audit().verify(&Context::admin()).await.unwrap().holds());
}

#[tokio::test]
async fn one_event_of_a_commit_that_the_database_refuses_fails_alone() {
    let world = World::new().await;
    let stranger = world.hub.agents().create(&Context::admin(), "office".into()).await.unwrap().agent_id;
    let gate = world.busy().await;
    let ask = |context: Context, event| {
        let hub = world.hub.clone();
        tokio::spawn(async move { hub.events().append(&context, event).await })
    };
    let good = ask(world.owner(), world.said(1, "Hello"));
    // Nobody of that agent: its events are refused, those of the other stand.
    let strange = Context::worker(stranger, "planner:rules");
    let bad = ask(strange, world.said(2, "Not here"));
    settle().await;
    gate.open();
    assert_eq!(good.await.unwrap().unwrap()[0].status, EventStatus::Stored);
    let refused = bad.await.unwrap().unwrap().remove(0);
    assert_eq!((refused.status, refused.problem.unwrap().code()), (EventStatus::Refused, "unknown_space"));
    assert_eq!(world.event_ids().await, [1]);
}

/// Events alone are run anew when another transaction stood in the way: the caller does not notice.
#[tokio::test]
async fn events_whose_commit_was_undone_by_another_are_committed_anew() {
    let world = World::new().await;
    let words = |id| world.said(id, "Good morning");
    for nth in 1..=3 {
        world.database.at(Step::Commit, nth, Fault::Conflict);
    }
    let tried = world.database.seen(Step::Commit);
    assert_eq!(world.append(words(1)).await.0, EventStatus::Stored);
    assert_eq!(world.database.seen(Step::Commit) - tried, 4);
    for nth in 1..=5 {
        world.database.at(Step::Statement, nth, Fault::Conflict);
        assert_eq!(world.append(words(u128::from(nth) + 1)).await.0, EventStatus::Stored, "statement {nth}");
    }
    assert_eq!(world.event_ids().await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(world.logged("event.stored").await, 6);
    assert!(world.hub.audit().verify(&Context::admin()).await.unwrap().holds());
}

#[tokio::test]
async fn who_is_undone_again_and_again_is_told_to_come_later() {
    let world = World::new().await;
    let before = world.number(ROWS).await;
    for nth in 1..=4 {
        world.database.at(Step::Commit, nth, Fault::Conflict);
    }
    let error = world.hub.events().append(&world.owner(), world.said(1, "Hello")).await.unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("transaction_conflict", true));
    assert_eq!(world.number(ROWS).await, before);
    assert_eq!(world.append(world.said(1, "Hello")).await.0, EventStatus::Stored);
}

/// An operation runs once: whoever shares its commit is told, and nothing of it is left.
#[tokio::test]
async fn a_commit_with_an_operation_is_not_run_anew() {
    let world = World::new().await;
    let people = world.number("SELECT count(*) FROM people").await;
    let gate = world.busy().await;
    let (hub, owner, event) = (world.hub.clone(), world.owner(), world.said(1, "Hello"));
    let said = tokio::spawn(async move { hub.events().append(&owner, event).await.map(drop) });
    let (hub, agent_id) = (world.hub.clone(), world.agent_id);
    let made = tokio::spawn(async move {
        hub.people().create(&Context::admin(), agent_id, "Carl".to_owned()).await.map(drop)
    });
    settle().await;
    let tried = world.database.seen(Step::Commit);
    world.database.at(Step::Commit, 1, Fault::Conflict);
    gate.open();
    for asked in [said, made] {
        assert_eq!(asked.await.unwrap().unwrap_err().code(), "transaction_conflict");
    }
    assert_eq!(world.database.seen(Step::Commit) - tried, 1);
    assert_eq!(world.number("SELECT count(*) FROM people").await, people + 1);
    assert!(world.event_ids().await.is_empty());
}
