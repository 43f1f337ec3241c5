//! I7: planning is all or nothing and repeatable.

use crate::world::{Scripted, World, a_fact_and_a_request, event, hurried, until};
use hub_core::clock::Clock as _;
use hub_core::entropy::Entropy as _;
use hub_core::hub::WorkerRole;
use hub_core::ids::SpaceId;
use hub_core::testkit::{Fault, SeededEntropy, Step};
use hub_core::vocabulary::{EventStatus, PlannerKind, SpeakerRole};
use hub_core::{Context, Error, Settings};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const MADE: &str = "SELECT (SELECT count(*) FROM memories) * 100 + (SELECT count(*) FROM actions)";

async fn planned(planner: &Arc<Scripted>) -> World {
    let planner = planner.clone();
    World::build(|builder| {
        let roles = vec![WorkerRole::Plan];
        builder.workers(roles).planner(PlannerKind::Rules, planner).settings(hurried())
    })
    .await
}

async fn finished(world: &World) {
    world.done_with("window").await;
    world.done_with("plan").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_is_planned_again_gives_the_same_rows_once() {
    let planner = Scripted::new(a_fact_and_a_request);
    let world = planned(&planner).await;
    world.append(world.said(1, "Buy milk")).await;
    world.append(world.said(2, "Call Ben")).await;
    finished(&world).await;
    assert_eq!(world.number(MADE).await, 202);
    let before = world.sql("SELECT memory_id, content FROM memories ORDER BY 1", vec![]).await;
    let logged = world.log().await.len();
    // As after a restored backup, or a crash before the window was marked.
    world
        .sql("UPDATE windows SET state = 'cut', planned_at = NULL WHERE state = $1", vec!["planned".into()])
        .await;
    world
        .sql(
            "INSERT INTO queue (queue, agent_id, key, state, available_at, enqueued_at) \
             SELECT 'plan', agent_id, window_id, 'ready', $1, 0 FROM windows",
            vec![0.into()],
        )
        .await;
    finished(&world).await;
    assert_eq!(planner.seen().len(), 4, "each window was planned twice");
    assert_eq!(world.number(MADE).await, 202);
    assert_eq!(world.sql("SELECT memory_id, content FROM memories ORDER BY 1", vec![]).await, before);
    assert_eq!(world.log().await.len(), logged);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_whose_write_is_cut_short_at_any_statement_is_written_whole_later() {
    for nth in [1, 2, 4, 6, 8, 10, 12, 14] {
        let gate = hub_core::testkit::Gate::default();
        let planner = Scripted::behind(std::slice::from_ref(&gate), a_fact_and_a_request);
        let world = planned(&planner).await;
        world.append(world.said(1, "Buy milk")).await;
        gate.reached().await;
        world.database.at(Step::Statement, nth, Fault::Fail);
        gate.open();
        finished(&world).await;
        assert_eq!(world.number(MADE).await, 101, "statement {nth}");
        assert_eq!(world.logged("memory.derived").await, 1, "statement {nth}");
        assert_eq!(world.logged("action.proposed").await, 1, "statement {nth}");
        assert!(world.hub.audit().verify(&Context::admin()).await.unwrap().holds());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_with_one_invalid_proposal_writes_nothing() {
    let spoilers: [fn(usize, &hub_core::planner::Window) -> hub_core::Result<hub_core::planner::Plan>; 3] = [
        |call, window| {
            let mut plan = a_fact_and_a_request(call, window)?;
            plan.memories[0].confidence = 2.0;
            Ok(plan)
        },
        |call, window| {
            let mut plan = a_fact_and_a_request(call, window)?;
            plan.actions[0].tool = "no.such.tool".to_owned();
            Ok(plan)
        },
        |call, window| {
            let mut plan = a_fact_and_a_request(call, window)?;
            plan.actions[0].arguments = json!({ "txet": "typo" });
            Ok(plan)
        },
    ];
    for spoiled in spoilers {
        let world = planned(&Scripted::new(spoiled)).await;
        world.append(world.said(1, "Buy milk")).await;
        until("given up", async || {
            world.pass(Duration::from_secs(1));
            (world.number("SELECT count(*) FROM windows WHERE state = 'dead'").await == 1).then_some(())
        })
        .await;
        assert_eq!(world.number(MADE).await, 0);
        assert_eq!((world.logged("memory.derived").await, world.logged("action.proposed").await), (0, 0));
        assert_eq!(world.logged("window.dead").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_agent_says_is_shown_as_its_own_and_is_no_source() {
    let planner = Scripted::new(|_, window| {
        let mut plan = a_fact_and_a_request(0, window)?;
        plan.memories[0].source_event_ids =
            window.utterances.iter().map(|utterance| utterance.event_id).collect();
        Ok(plan)
    });
    let planner_for = planner.clone();
    let world = World::build(|builder| {
        let settings = Settings { window_utterances: 2, ..hurried() };
        builder.workers(vec![WorkerRole::Plan]).planner(PlannerKind::Rules, planner_for).settings(settings)
    })
    .await;
    world.append(world.said(1, "Buy milk")).await;
    let spoken = event(2, world.space_id, world.clock.now(), json!({ "text": "I will", "role": "agent" }));
    let worker = Context::worker(world.agent_id, "speech");
    let outcome = world.hub.events().append(&worker, spoken.clone()).await.unwrap().remove(0);
    assert_eq!(outcome.status, EventStatus::Stored);
    let as_a_person = world
        .append(event(3, world.space_id, world.clock.now(), json!({ "text": "x", "role": "agent" })))
        .await;
    assert_eq!(as_a_person.1.unwrap().code(), "agent_role");
    world.append(world.said(4, "And call Ben")).await;
    until("given up", async || {
        world.pass(Duration::from_secs(1));
        (world.number("SELECT count(*) FROM windows WHERE state = 'dead'").await == 1).then_some(())
    })
    .await;
    let roles: Vec<_> = planner.seen()[0].utterances.iter().map(|utterance| utterance.role).collect();
    assert_eq!(roles, [SpeakerRole::User, SpeakerRole::Agent, SpeakerRole::User]);
    assert_eq!(world.number(MADE).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_utterance_is_in_exactly_one_window_however_the_talk_arrives() {
    for seed in 0..4 {
        let planner = Scripted::new(|_, _| Ok(hub_core::planner::Plan::default()));
        let shown = planner.clone();
        let world = World::build(|builder| {
            let settings = Settings { window_utterances: 5, window_longest_seconds: 8, ..hurried() };
            builder.workers(vec![WorkerRole::Plan]).planner(PlannerKind::Rules, shown).settings(settings)
        })
        .await;
        let hub = &world.hub;
        let mut spaces: Vec<SpaceId> = vec![world.space_id];
        for name in ["study", "garden"] {
            spaces.push(
                hub.spaces().create(&world.owner(), world.agent_id, name.to_owned()).await.unwrap().space_id,
            );
        }
        let random = SeededEntropy::new(seed);
        let mut id = 0;
        for _ in 0..80 {
            let mut bytes = [0_u8; 4];
            random.fill(&mut bytes).unwrap();
            let space = spaces[usize::from(bytes[0]) % spaces.len()];
            let many = (0..u128::from(bytes[1] % 9))
                .map(|_| {
                    id += 1;
                    event(id, space, world.clock.now(), json!({ "text": "words", "role": "user" }))
                })
                .collect::<Vec<_>>();
            if !many.is_empty() {
                hub.events().append(&world.owner(), many).await.unwrap();
            }
            // From no pause at all to one that ends every window.
            world.pass(Duration::from_millis(u64::from(bytes[2]) * u64::from(bytes[3] % 16)));
        }
        until("all cut", async || {
            world.pass(Duration::from_secs(1));
            (world.number("SELECT sum(pending) + (SELECT count(*) FROM queue) FROM talk").await
                - world.number("SELECT count(*) FROM queue WHERE queue = 'index'").await
                == 0)
                .then_some(())
        })
        .await;
        let wrong = "SELECT count(*) FROM events e WHERE (SELECT count(*) FROM windows w WHERE w.agent_id = e.agent_id \
                     AND w.space_id = e.space_id AND e.seq > w.after_seq AND e.seq <= w.to_seq) <> 1";
        assert_eq!(world.number(wrong).await, 0, "seed {seed}");
        let mut ids: Vec<u128> = planner
            .seen()
            .iter()
            .flat_map(|window| window.utterances.iter().map(|said| said.event_id.0.as_u128()))
            .collect();
        assert!(planner.seen().iter().all(|window| (1..=5).contains(&window.utterances.len())));
        ids.sort_unstable();
        assert_eq!(ids, (1..=id).collect::<Vec<_>>(), "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_that_panics_costs_one_attempt_and_not_the_worker() {
    let planner = Scripted::new(|call, window| {
        assert!(call > 0, "this planner falls over once");
        a_fact_and_a_request(call, window)
    });
    let world = planned(&planner).await;
    world.append(world.said(1, "Buy milk")).await;
    finished(&world).await;
    assert_eq!((planner.seen().len(), world.number(MADE).await), (2, 101));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_always_fails_is_given_up_with_the_reason_and_can_be_replayed() {
    let planner = Scripted::new(|call, window| {
        if call < 3 {
            Err(Error::unavailable("model_down", "the model does not answer"))
        } else {
            a_fact_and_a_request(call, window)
        }
    });
    let world = planned(&planner).await;
    world.append(world.said(1, "Buy milk")).await;
    until("given up", async || {
        world.pass(Duration::from_secs(60));
        (world.number("SELECT count(*) FROM windows WHERE state = 'dead'").await == 1).then_some(())
    })
    .await;
    assert_eq!(planner.seen().len(), 3, "as many attempts as the setting says");
    let page = hub_core::page::PageRequest::default();
    let letters = world.hub.planner().dead_letters(&world.owner(), world.agent_id, page).await.unwrap().items;
    assert!(letters[0].reason.contains("model_down"), "{}", letters[0].reason);
    world.hub.planner().replay(&world.owner(), letters[0].dead_letter_id).await.unwrap();
    finished(&world).await;
    assert_eq!((world.number(MADE).await, world.logged("dead_letter.replayed").await), (101, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_ends_its_worker_every_time_is_given_up_too() {
    let planner = Scripted::new(a_fact_and_a_request);
    let world = planned(&planner).await;
    // As thirty workers leave it that died while they planned: ten times the attempts begun, none ended.
    let died = "CREATE TRIGGER died AFTER INSERT ON queue WHEN NEW.queue = 'plan' \
                BEGIN UPDATE queue SET attempts = 30 WHERE job_id = NEW.job_id; END";
    world.sql(died, vec![]).await;
    world.append(world.said(1, "Buy milk")).await;
    until("given up", async || {
        world.pass(Duration::from_secs(60));
        (world.number("SELECT count(*) FROM windows WHERE state = 'dead'").await == 1).then_some(())
    })
    .await;
    assert!(planner.seen().is_empty(), "it was planned once more");
}
