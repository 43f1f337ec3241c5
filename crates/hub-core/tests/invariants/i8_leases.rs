//! I8: leases are fenced, and what nobody saw end is unknown.

use crate::world::{Scripted, World, hurried, tool, until};
use hub_core::clock::Clock as _;
use hub_core::hub::WorkerRole;
use hub_core::planner::{Plan, ProposedMemory, Window};
use hub_core::testkit::{Fault, Gate, Step};
use hub_core::vocabulary::{ActionState, PlannerKind};
use hub_core::{Context, Result, Settings};
use serde_json::json;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Says which call it was.
fn numbered(call: usize, window: &Window) -> Result<Plan> {
    let memory = ProposedMemory {
        content: format!("call {call}"),
        predicate: "call".to_owned(),
        person_id: None,
        confidence: 1.0,
        source_event_ids: vec![window.utterances[0].event_id],
    };
    Ok(Plan { memories: vec![memory], actions: vec![] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_lease_ran_out_writes_nothing_over_its_successor() {
    let gates = [Gate::default(), Gate::default()];
    let planner = Scripted::behind(&gates, numbered);
    let shown = planner.clone();
    let world = World::build(|builder| {
        // The planner may take longer than the lease: the fence alone must hold.
        let settings = Settings { plan_timeout_seconds: 100_000, ..hurried() };
        builder.planner(PlannerKind::Rules, shown).settings(settings)
    })
    .await;
    world.append(world.said(1, "Buy milk")).await;
    let late = world.hub.start_workers(vec![WorkerRole::Plan]);
    gates[0].reached().await;
    let successor = world.hub.start_workers(vec![WorkerRole::Plan]);
    until("the successor has it", async || {
        world.pass(Duration::from_secs(61));
        (planner.seen().len() == 2).then_some(())
    })
    .await;
    gates[1].reached().await;
    // The late one comes back while the successor is still at work, and ends.
    gates[0].open();
    late.shutdown().await;
    assert_eq!(world.number("SELECT count(*) FROM memories").await, 0);
    assert_eq!(world.number("SELECT count(*) FROM queue WHERE queue = 'plan' AND state = 'leased'").await, 1);
    gates[1].open();
    successor.shutdown().await;
    let mut rows = world.sql("SELECT content FROM memories", vec![]).await;
    assert_eq!((rows.len(), rows[0].take::<String>(0).unwrap()), (1, "call 1".to_owned()));
    assert_eq!(world.logged("memory.derived").await, 1);
    assert_eq!(world.number("SELECT count(*) FROM queue WHERE queue = 'plan'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_comes_back_after_its_successor_has_ended_writes_nothing() {
    let gate = Gate::default();
    let planner = Scripted::behind(std::slice::from_ref(&gate), numbered);
    let shown = planner.clone();
    let world = World::build(|builder| {
        let settings = Settings { plan_timeout_seconds: 100_000, ..hurried() };
        builder.planner(PlannerKind::Rules, shown).settings(settings)
    })
    .await;
    world.append(world.said(1, "Buy milk")).await;
    let late = world.hub.start_workers(vec![WorkerRole::Plan]);
    gate.reached().await;
    let successor = world.hub.start_workers(vec![WorkerRole::Plan]);
    until("planned by the successor", async || {
        world.pass(Duration::from_secs(61));
        (world.number("SELECT count(*) FROM windows WHERE state = 'planned'").await == 1).then_some(())
    })
    .await;
    let before = world.everything().await;
    gate.open();
    late.shutdown().await;
    successor.shutdown().await;
    assert_eq!(world.everything().await, before);
}

/// An approved action whose runner died in the middle of the tool.
async fn died_in_the_middle(
    idempotent: bool,
) -> (World, hub_core::actions::Action, std::sync::Arc<std::sync::atomic::AtomicU64>) {
    let gate = Gate::default();
    let (door, runs) = tool("door.open", "1.0.0", idempotent, Some(gate.clone()));
    let world = World::build(|builder| builder.tool(door).settings(hurried())).await;
    let action = world.propose("door.open", json!({ "door": "garden" })).await;
    world.approve(&action).await;
    let runner = world.hub.start_workers(vec![WorkerRole::Tools]);
    gate.reached().await;
    // The gate stays shut: what the dead runner began never ends.
    drop(runner);
    assert_eq!(world.action(action.action_id).await.state, ActionState::Running);
    (world, action, runs)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_may_not_run_twice_is_unknown_when_its_runner_died_and_a_person_resolves_it() {
    for happened in [true, false] {
        let (world, action, runs) = died_in_the_middle(false).await;
        let runner = world.hub.start_workers(vec![WorkerRole::Tools]);
        // Not before its lease is over.
        world.pass(Duration::from_secs(10));
        assert_eq!(world.action(action.action_id).await.state, ActionState::Running);
        world.pass(Duration::from_secs(10_000));
        let unknown = world.reaches(action.action_id, ActionState::Unknown).await;
        assert_eq!(unknown.problem.unwrap()["code"], "outcome_unknown");
        world.done_with("tools").await;
        for _ in 0..10 {
            world.pass(Duration::from_secs(10_000));
            tokio::task::yield_now().await;
        }
        runner.shutdown().await;
        assert_eq!(runs.load(Ordering::SeqCst), 1, "it ran again");
        assert_eq!(world.logged("action.unknown").await, 1);
        let resolved = world.hub.actions().resolve(&world.owner(), action.action_id, happened).await.unwrap();
        assert_eq!(resolved.state, if happened { ActionState::Done } else { ActionState::Failed });
        let again = world.hub.actions().resolve(&world.owner(), action.action_id, happened).await;
        assert_eq!(again.unwrap_err().code(), "action_state");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_may_run_twice_runs_again_when_its_runner_died() {
    let (world, action, runs) = died_in_the_middle(true).await;
    let runner = world.hub.start_workers(vec![WorkerRole::Tools]);
    world.pass(Duration::from_secs(10_000));
    let done = world.reaches(action.action_id, ActionState::Done).await;
    runner.shutdown().await;
    assert_eq!((runs.load(Ordering::SeqCst), done.result.unwrap()), (2, json!({ "run": 2 })));
    let (started, restarted) = (world.logged("action.started").await, world.logged("action.restarted").await);
    assert_eq!((started, restarted), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_panics_fails_its_action_and_not_the_runner() {
    let manifest = hub_core::tools::ToolManifest {
        name: "door.break".to_owned(),
        ..tool("door.open", "1.0.0", false, None).0.manifest().clone()
    };
    let bad = hub_core::tools::FnTool::new(manifest, |_| async { panic!("this tool falls over") });
    let (door, runs) = tool("door.open", "1.0.0", false, None);
    let world = World::build(|builder| {
        builder.tool(std::sync::Arc::new(bad)).tool(door).workers(vec![WorkerRole::Tools]).settings(hurried())
    })
    .await;
    let broken = world.propose("door.break", json!({})).await;
    world.approve(&broken).await;
    let failed = world.reaches(broken.action_id, ActionState::Failed).await;
    assert_eq!(failed.problem.unwrap()["code"], "internal");
    let action = world.propose("door.open", json!({})).await;
    world.approve(&action).await;
    world.reaches(action.action_id, ActionState::Done).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_may_run_twice_is_unknown_when_its_runners_never_come_back() {
    let gates: [Gate; 3] = Default::default();
    let runs = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let (counted, waits) = (runs.clone(), gates.clone());
    let manifest = tool("door.open", "1.0.0", true, None).0.manifest().clone();
    let stuck = hub_core::tools::FnTool::new(manifest, move |_| {
        let run = usize::try_from(counted.fetch_add(1, Ordering::SeqCst)).unwrap();
        let gate = waits[run.min(2)].clone();
        async move {
            gate.pass().await;
            Ok(json!({}))
        }
    });
    let world = World::build(|builder| builder.tool(std::sync::Arc::new(stuck)).settings(hurried())).await;
    let action = world.propose("door.open", json!({ "door": "garden" })).await;
    world.approve(&action).await;
    for gate in &gates {
        let runner = world.hub.start_workers(vec![WorkerRole::Tools]);
        world.pass(Duration::from_secs(10_000));
        until("a runner is in the tool", async || {
            world.pass(Duration::from_millis(20));
            tokio::time::timeout(Duration::from_millis(5), gate.reached()).await.ok()
        })
        .await;
        drop(runner);
    }
    let runner = world.hub.start_workers(vec![WorkerRole::Tools]);
    world.pass(Duration::from_secs(10_000));
    world.reaches(action.action_id, ActionState::Unknown).await;
    runner.shutdown().await;
    assert_eq!(runs.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_comes_back_after_its_successor_has_ended_writes_nothing() {
    let gate = Gate::default();
    let (door, runs) = tool("door.open", "1.0.0", true, Some(gate.clone()));
    let world = World::build(|builder| {
        let patient = Settings { lease_seconds: 60, ..hurried() };
        builder.tool(door).settings(patient)
    })
    .await;
    let action = world.propose("door.open", json!({ "door": "garden" })).await;
    world.approve(&action).await;
    let late = world.hub.start_workers(vec![WorkerRole::Tools]);
    gate.reached().await;
    // As if its process had been stopped: the lease runs out by itself.
    world.sql("UPDATE queue SET leased_until = 1 WHERE queue = 'tools'", vec![]).await;
    let successor = world.hub.start_workers(vec![WorkerRole::Tools]);
    let done = world.reaches(action.action_id, ActionState::Done).await;
    assert_eq!(done.result.as_ref().unwrap(), &json!({ "run": 2 }));
    let before = world.everything().await;
    gate.open();
    late.shutdown().await;
    successor.shutdown().await;
    assert_eq!(world.everything().await, before);
    assert_eq!((runs.load(Ordering::SeqCst), world.logged("action.done").await), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_indexer_whose_lease_was_taken_over_writes_nothing() {
    let world = World::build(|builder| builder.settings(hurried())).await;
    world.append(world.said(1, "Buy milk")).await;
    let gate = Gate::default();
    // The claim is one statement; the next one asks the fence.
    world.database.at(Step::Statement, 2, Fault::Hold(gate.clone()));
    let late = world.hub.start_workers(vec![WorkerRole::Index]);
    gate.reached().await;
    world.sql("UPDATE queue SET fence = fence + 1 WHERE queue = 'index'", vec![]).await;
    gate.open();
    late.shutdown().await;
    assert_eq!(world.number("SELECT count(*) FROM memories").await, 0);
    assert_eq!(
        world.number("SELECT count(*) FROM queue WHERE queue = 'index' AND state = 'leased'").await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_worker_does_not_end_the_job_that_got_the_number_of_its_own() {
    let gate = Gate::default();
    let (door, runs) = tool("door.open", "1.0.0", true, Some(gate.clone()));
    let world = World::build(|builder| builder.tool(door).settings(hurried())).await;
    let first = world.propose("door.open", json!({ "door": "garden" })).await;
    world.approve(&first).await;
    let late = world.hub.start_workers(vec![WorkerRole::Tools]);
    gate.reached().await;
    // A successor has run the first action and ended its job; a second action gets the job's number.
    let number = world.number("SELECT job_id FROM queue WHERE queue = 'tools'").await;
    world.sql("DELETE FROM queue WHERE queue = 'tools'", vec![]).await;
    world.pass(Duration::from_secs(1));
    let second = world.propose("door.open", json!({ "door": "cellar" })).await;
    world.approve(&second).await;
    assert_eq!(world.number("SELECT job_id FROM queue WHERE queue = 'tools'").await, number);
    let leased = "UPDATE queue SET state = 'leased', leased_until = 9000000000000000, fence = fence + 1 \
                  WHERE queue = 'tools'";
    world.sql(leased, vec![]).await;
    gate.open();
    late.shutdown().await;
    assert_eq!(world.number("SELECT count(*) FROM queue WHERE queue = 'tools'").await, 1, "it was ended");
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_cannot_be_read_is_given_up_and_holds_up_no_other() {
    for state in ["approved", "running"] {
        let (door, runs) = tool("door.open", "1.0.0", false, None);
        let world = World::build(|builder| builder.tool(door).settings(hurried())).await;
        let broken = world.propose("door.open", json!({ "door": "garden" })).await;
        world.approve(&broken).await;
        world.sql("UPDATE actions SET arguments = '{' ", vec![]).await;
        if state == "running" {
            world.sql("UPDATE actions SET state = 'running'", vec![]).await;
            let lost = "UPDATE queue SET state = 'leased', leased_until = 1 WHERE queue = 'tools'";
            world.sql(lost, vec![]).await;
        }
        let runner = world.hub.start_workers(vec![WorkerRole::Tools]);
        let other = world.propose("door.open", json!({ "door": "cellar" })).await;
        world.approve(&other).await;
        world.reaches(other.action_id, ActionState::Done).await;
        world.done_with("tools").await;
        runner.shutdown().await;
        assert_eq!(runs.load(Ordering::SeqCst), 1, "{state}");
        let page = hub_core::page::PageRequest::default();
        let dead =
            world.hub.planner().dead_letters(&world.owner(), world.agent_id, page).await.unwrap().items;
        assert_eq!((dead.len(), dead[0].key), (1, broken.action_id.0), "{state}");
        assert_eq!(world.logged("action.dead").await, 1, "{state}");
    }
}

/// Each utterance is remembered once, and nothing else is.
const NOT_REMEMBERED_ONCE: &str = "SELECT (SELECT count(*) FROM events e WHERE (SELECT count(*) FROM memories m \
    WHERE m.agent_id = e.agent_id AND m.tier = 'episodic' AND m.seq = e.seq) <> 1) \
    + (SELECT count(*) FROM memories m WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.seq = m.seq))";

#[tokio::test(flavor = "multi_thread")]
async fn talk_of_many_commits_is_one_job_and_indexed_in_passes() {
    const JOBS: &str = "SELECT count(*) FROM queue WHERE queue = 'index'";
    let world = World::build(|builder| builder.settings(hurried())).await;
    for id in 1..=5 {
        world.append(world.said(id, &format!("Sentence {id}"))).await;
    }
    // A pass takes 512 of them.
    let many: Vec<_> = (6..=1_000).map(|id| world.said(id, &format!("Sentence {id}"))).collect();
    world.hub.events().append(&world.owner(), many).await.unwrap();
    assert_eq!(world.number(JOBS).await, 1);
    let worker = world.hub.start_workers(vec![WorkerRole::Index]);
    until("all of it is remembered without a rest", async || {
        (world.number("SELECT count(*) FROM memories").await == 1_000).then_some(())
    })
    .await;
    for id in 1_001..=1_020 {
        world.append(world.said(id, &format!("Sentence {id}"))).await;
    }
    world.done_with("index").await;
    worker.shutdown().await;
    assert_eq!(world.number(NOT_REMEMBERED_ONCE).await, 0);
    assert_eq!(world.number("SELECT count(*) FROM memories").await, 1_020);
    assert_eq!(world.number(JOBS).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn talk_is_indexed_while_a_worker_that_died_holds_what_was_said_before() {
    const REMEMBERED: &str = "SELECT count(*) FROM memories WHERE content = 'Buy eggs'";
    let world = World::build(|builder| builder.settings(hurried())).await;
    world.append(world.said(1, "Buy milk")).await;
    let until_then = world.clock.now().0 + 3_600_000_000;
    world
        .sql(
            "UPDATE queue SET state = 'leased', leased_until = $1, worker = 'index', fence = fence + 1 \
             WHERE queue = 'index'",
            vec![until_then.into()],
        )
        .await;
    world.append(world.said(2, "Buy eggs")).await;
    let worker = world.hub.start_workers(vec![WorkerRole::Index]);
    until("what was said since is remembered", async || {
        world.pass(Duration::from_millis(20));
        (world.number(REMEMBERED).await == 1).then_some(())
    })
    .await;
    assert_eq!(world.number("SELECT count(*) FROM memories").await, 1);
    world.pass(Duration::from_secs(3_600));
    world.done_with("index").await;
    worker.shutdown().await;
    assert_eq!(world.number(NOT_REMEMBERED_ONCE).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn talk_is_indexed_while_what_failed_before_it_rests() {
    const RESTS: &str =
        "SELECT count(*) FROM queue WHERE queue = 'index' AND state = 'ready' AND reason IS NOT NULL";
    let world = World::build(|builder| builder.settings(hurried())).await;
    world.append(world.said(1, "Buy milk")).await;
    world.sql("UPDATE events SET payload = '{'", vec![]).await;
    let worker = world.hub.start_workers(vec![WorkerRole::Index]);
    until("it rests", async || {
        world.pass(Duration::from_millis(20));
        (world.number(RESTS).await == 1).then_some(())
    })
    .await;
    worker.shutdown().await;
    world.append(world.said(2, "Buy eggs")).await;
    let worker = world.hub.start_workers(vec![WorkerRole::Index]);
    until("what was said since is remembered", async || {
        (world.number("SELECT count(*) FROM memories WHERE content = 'Buy eggs'").await == 1).then_some(())
    })
    .await;
    worker.shutdown().await;
    assert_eq!(world.number(RESTS).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn talk_that_cannot_be_indexed_is_given_up_alone() {
    let world = World::build(|builder| builder.settings(hurried())).await;
    // More than what is set aside at once.
    let all: Vec<_> = (1..=200).map(|id| world.said(id, &format!("Sentence {id}"))).collect();
    world.hub.events().append(&world.owner(), all).await.unwrap();
    assert_eq!(world.number("SELECT count(*) FROM queue WHERE queue = 'index'").await, 1);
    world
        .sql("UPDATE events SET payload = '{' WHERE event_id = x'00000000000000000000000000000005'", vec![])
        .await;
    let worker = world.hub.start_workers(vec![WorkerRole::Index]);
    until("given up", async || {
        world.pass(Duration::from_secs(1_000));
        (world.number("SELECT count(*) FROM queue WHERE queue = 'index' AND state = 'dead'").await == 1)
            .then_some(())
    })
    .await;
    worker.shutdown().await;
    assert_eq!(world.number("SELECT count(*) FROM memories WHERE tier = 'episodic'").await, 199);
    assert_eq!(world.number("SELECT count(*) FROM queue WHERE queue = 'index' AND state <> 'dead'").await, 0);
    assert_eq!(world.logged("index.dead").await, 1);
}

const FIRED: &str = "SELECT count(*) FROM events WHERE type = 'reminder_due'";

/// A hub with a reminder that is to fire in an hour, and no workers.
async fn reminder() -> World {
    let mut world = World::new().await;
    let at = hub_core::clock::Clock::now(world.clock.as_ref()).after(Duration::from_secs(3_600));
    let action = world.propose("reminder.set", json!({ "text": "Tea", "at": at.to_string() })).await;
    world.approve(&action).await;
    world.restart(|builder| builder.workers(vec![WorkerRole::Tools])).await;
    world.reaches(action.action_id, ActionState::Done).await;
    world.restart(|builder| builder).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_fires_at_its_time_and_once_also_when_the_hub_was_down_then() {
    let mut world = reminder().await;
    let timers = world.hub.start_workers(vec![WorkerRole::Timers]);
    world.pass(Duration::from_secs(3_500));
    until("the timers looked", async || (world.clock.sleepers() > 0).then_some(())).await;
    assert_eq!(world.number(FIRED).await, 0);
    timers.shutdown().await;
    world.stop().await;
    // Down for a day.
    world.pass(Duration::from_secs(86_400));
    world.restart(|builder| builder.workers(vec![WorkerRole::Timers])).await;
    until("fired", async || {
        world.pass(Duration::from_secs(1));
        (world.number("SELECT count(*) FROM reminders WHERE fired_at IS NOT NULL").await == 1).then_some(())
    })
    .await;
    world.restart(|builder| builder.workers(vec![WorkerRole::Timers])).await;
    world.pass(Duration::from_secs(86_400));
    until("the timers looked", async || (world.clock.sleepers() > 0).then_some(())).await;
    world.stop().await;
    assert_eq!(world.number(FIRED).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_whose_mark_was_lost_fires_once_all_the_same() {
    for nth in [1, 2] {
        let world = reminder().await;
        world.pass(Duration::from_secs(3_601));
        world.database.at(Step::Commit, nth, Fault::Fail);
        let timers = world.hub.start_workers(vec![WorkerRole::Timers]);
        until("fired", async || {
            world.pass(Duration::from_secs(1));
            (world.number("SELECT count(*) FROM reminders WHERE fired_at IS NOT NULL").await == 1)
                .then_some(())
        })
        .await;
        timers.shutdown().await;
        assert_eq!(world.number(FIRED).await, 1, "commit {nth} failed");
        assert!(world.hub.audit().verify(&Context::admin()).await.unwrap().holds());
    }
}

/// Talk that waits to be cut, a window to be planned, words to be indexed and an action to be run: all of
/// it is done when the clock is set back by an hour, not an hour later.
#[tokio::test(flavor = "multi_thread")]
async fn work_that_was_left_is_done_when_the_clock_is_set_back() {
    let (door, runs) = tool("door.open", "1.0.0", false, None);
    let planner = Scripted::new(numbered);
    let shown = planner.clone();
    let world = World::build(|builder| {
        let settings = Settings { window_utterances: 2, ..hurried() };
        builder.workers(vec![]).planner(PlannerKind::Rules, shown).tool(door).settings(settings)
    })
    .await;
    for (id, words) in [(1, "Buy milk"), (2, "Call Ben"), (3, "Feed the cat")] {
        world.append(world.said(id, words)).await;
    }
    let action = world.propose("door.open", json!({ "door": "front" })).await;
    world.approve(&action).await;
    world.clock.set(world.clock.now().before(Duration::from_secs(3_600)));
    let workers = world.hub.start_workers(WorkerRole::ALL.to_vec());
    for queue in ["index", "window", "plan", "tools"] {
        world.done_with(queue).await;
    }
    assert_eq!(
        world.recall("cat").await.memories.iter().filter(|hit| hit.memory.content.contains("cat")).count(),
        1
    );
    // They may be planned beside each other.
    let mut windows: Vec<usize> = planner.seen().iter().map(|window| window.utterances.len()).collect();
    windows.sort_unstable();
    assert_eq!(windows, [1, 2]);
    assert_eq!(world.action(action.action_id).await.state, ActionState::Done);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    workers.shutdown().await;
}
