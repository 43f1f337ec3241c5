use crate::world::{World, code};
use hub_core::hub::WorkerRole;
use hub_core::page::PageRequest;
use hub_core::planner::{Meter, Plan, Planner, Window};
use hub_core::vocabulary::{EventStatus, PlannerKind, Role};
use hub_core::{Context, Error, Result, Settings};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// Plans nothing, once it is willing and was let go.
#[derive(Debug, Default)]
struct Stubborn {
    willing: AtomicBool,
    go: Notify,
}

#[async_trait::async_trait]
impl Planner for Stubborn {
    fn name(&self) -> &str {
        "stubborn"
    }

    fn version(&self) -> &str {
        "1"
    }

    async fn plan(&self, _: Window, _: &Meter) -> Result<Plan> {
        if self.willing.load(Ordering::SeqCst) {
            self.go.notified().await;
            return Ok(Plan::default());
        }
        Err(Error::invalid("stubborn", "not now"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_was_given_up_is_planned_when_it_is_replayed() {
    let planner = Arc::new(Stubborn::default());
    let settings = Settings { window_utterances: 1, max_attempts: 1, poll_ms: 10, ..Settings::default() };
    let world = World::build(|builder| {
        builder
            .workers(vec![WorkerRole::Plan])
            .settings(settings)
            .planner(PlannerKind::Rules, planner.clone())
    })
    .await;
    let said = world.said(1, world.anna, "Remember the milk", "text");
    assert_eq!(world.append(&world.owner(), said).await.0, EventStatus::Stored);
    world.counts("windows_dead", 1).await;

    let (letters, page) = (world.hub.planner(), PageRequest::default());
    let listed = letters.dead_letters(&Context::admin(), world.agent_id, page.clone()).await.unwrap();
    let letter = &listed.items[0];
    assert_eq!((letter.queue.as_str(), letter.attempts, listed.items.len()), ("plan", 1, 1));
    assert!(letter.reason.contains("stubborn"));
    let guest = Context::operator(world.agent_id, world.ben, Role::Guest);
    assert_eq!(code(letters.replay(&guest, letter.dead_letter_id).await), "not_an_approver");

    planner.willing.store(true, Ordering::SeqCst);
    let replayed = letters.replay(&world.member(), letter.dead_letter_id).await.unwrap();
    assert_eq!((replayed.queue.as_str(), replayed.key), ("plan", letter.key));
    world.counts("windows_cut", 1).await;
    planner.go.notify_one();
    world.counts("windows_planned", 1).await;
    world.counts("windows_dead", 0).await;
    assert_eq!(code(letters.replay(&Context::admin(), letter.dead_letter_id).await), "unknown_dead_letter");
    assert_eq!(letters.dead_letters(&world.owner(), world.agent_id, page).await.unwrap().items, []);
    assert_eq!(world.log("dead_letter.replayed").await.len(), 1);
}
