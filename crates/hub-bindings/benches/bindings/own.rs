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
use tokio::task::JoinHandle;
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
    let left = Arc::new(Left::of(batches));
    let start = Instant::now();
    let senders = (0..beside).map(|_| {
        let (hub, left) = (hub.clone(), left.clone());
        let owner = Context::operator(agent, anna, Role::Owner);
        tokio::spawn(async move {
            while left.take() {
                let event = |number: usize| {
                    let mut said = NewEvent::said(&hub, space, format!("this is sentence {number}")).unwrap();
                    // As the other languages choose them.
                    said.event_id = EventId(Uuid::new_v4());
                    said
                };
                let events: Vec<NewEvent> = (0..size).map(event).collect();
                let outcomes = hub.events().append(&owner, events).await.unwrap();
                assert_eq!(outcomes.len(), size);
            }
        })
    });
    let rate = rate(senders.collect(), batches * size, start).await;
    hub.shutdown().await;
    rate
}

/// Events a second, with requests and answers as text, written and read here as another language would.
pub(crate) async fn ingest_as_text(batches: usize, size: usize, beside: usize) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let options = json!({"folder": folder.path(), "workers": []}).to_string();
    let hub = Embedded::open(&options, Plugins::default()).await.unwrap();
    let admin = json!({"kind": "admin"});
    let create = async |what: &str, arguments: Value, name: &str| -> Value {
        let request = json!({"as": admin, "arguments": arguments, "body": {"name": name}}).to_string();
        serde_json::from_str(&hub.call(what, &request).await.unwrap()).unwrap()
    };
    let agent = create("agents.create", json!({}), "home").await["agent_id"].clone();
    let of_agent = json!({"agent_id": agent});
    let space = create("spaces.create", of_agent.clone(), "kitchen").await["space_id"].clone();
    let anna = create("people.create", of_agent, "Anna").await["person_id"].clone();
    let owner = json!({"kind": "operator", "agent_id": agent, "person_id": anna, "role": "owner"});
    let left = Arc::new(Left::of(batches));
    let start = Instant::now();
    let senders = (0..beside).map(|_| {
        let (hub, left, space, owner) = (hub.clone(), left.clone(), space.clone(), owner.clone());
        tokio::spawn(async move {
            while left.take() {
                let event = |number: usize| {
                    json!({
                        "event_id": Uuid::new_v4(), "space_id": space, "type": "transcript_chunk",
                        "occurred_at": "2026-01-01T08:00:00.000Z",
                        "payload": {"text": format!("this is sentence {number}"), "role": "user"},
                    })
                };
                let events: Vec<Value> = (0..size).map(event).collect();
                let request = json!({"as": owner, "body": {"events": events}}).to_string();
                let answer = hub.call("events.append", &request).await.unwrap();
                let answer: Value = serde_json::from_str(&answer).unwrap();
                assert!(answer["results"].as_array().unwrap().iter().all(|one| one["status"] == "stored"));
            }
        })
    });
    let rate = rate(senders.collect(), batches * size, start).await;
    hub.shutdown().await;
    rate
}

/// Batches that are yet to be sent.
struct Left {
    begun: AtomicUsize,
    all: usize,
}

impl Left {
    fn of(all: usize) -> Self {
        Self { begun: AtomicUsize::new(0), all }
    }

    fn take(&self) -> bool {
        self.begun.fetch_add(1, Ordering::Relaxed) < self.all
    }
}

/// Events a second, once all senders are done.
async fn rate(senders: Vec<JoinHandle<()>>, events: usize, start: Instant) -> f64 {
    for sender in senders {
        sender.await.unwrap();
    }
    events as f64 / start.elapsed().as_secs_f64()
}
