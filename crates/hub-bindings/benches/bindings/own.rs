//! The same work in Rust.

use hub_bindings::{Embedded, Plugins};
use hub_core::events::NewEvent;
use hub_core::hub::WorkerRole;
use hub_core::ids::EventId;
use hub_core::vocabulary::Role;
use hub_core::{Context, HubBuilder};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use uuid::Uuid;

/// No workers: what is measured is the caller's own.
const NONE: Vec<WorkerRole> = Vec::new();

/// Microseconds of a call that does nothing, with its request and its answer as JSON.
pub(crate) async fn calls(count: usize) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let options = json!({"folder": folder.path(), "workers": []}).to_string();
    let hub = Embedded::open(&options, Plugins::default()).await.unwrap();
    let mut took = 0.0;
    for _round in ["warming up", "timed"] {
        let start = Instant::now();
        for _ in 0..count {
            let answer = hub.call("hub.version", r#"{"as": {"kind": "admin"}}"#).await.unwrap();
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert!(answer["version"].is_string());
        }
        took = start.elapsed().as_secs_f64() * 1e6 / count as f64;
    }
    hub.shutdown().await;
    took
}

/// Events a second.
pub(crate) async fn ingest(batches: usize, size: usize, beside: usize) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let hub = HubBuilder::in_folder(folder.path()).workers(NONE).open().await.unwrap();
    let admin = Context::admin();
    let agent = hub.agents().create(&admin, "home".into()).await.unwrap().agent_id;
    let space = hub.spaces().create(&admin, agent, "kitchen".into()).await.unwrap().space_id;
    let anna = hub.people().create(&admin, agent, "Anna".into()).await.unwrap().person_id;
    let begun = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let senders: Vec<_> = (0..beside)
        .map(|_| {
            let (hub, begun) = (hub.clone(), begun.clone());
            let owner = Context::operator(agent, anna, Role::Owner);
            tokio::spawn(async move {
                while begun.fetch_add(1, Ordering::Relaxed) < batches {
                    let event = |number: usize| {
                        let mut said =
                            NewEvent::said(&hub, space, format!("this is sentence {number}")).unwrap();
                        // As the other languages choose them.
                        said.event_id = EventId(Uuid::new_v4());
                        said
                    };
                    let events: Vec<NewEvent> = (0..size).map(event).collect();
                    let outcomes = hub.events().append(&owner, events).await.unwrap();
                    assert_eq!(outcomes.len(), size);
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let rate = (batches * size) as f64 / start.elapsed().as_secs_f64();
    hub.shutdown().await;
    rate
}
