//! A stop finishes what was accepted, and ends in time though the database does not answer.

use super::harness::{ADMIN, Database, Server, on_both_databases, until};
use super::world::World;
use hub_core::hub::HubBuilder;
use hub_core::ids::SpaceId;
use hub_core::page::PageRequest;
use hub_core::store::{Dialect, Executor, Intent, Reach, Statement, Transaction};
use hub_core::{Context, Hub, Principal, Result};
use hub_server::server::Settings;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A database whose writes wait at a gate.
#[derive(Debug)]
struct Gated {
    inner: Arc<dyn Executor>,
    is_shut: watch::Sender<bool>,
}

impl Gated {
    async fn open(database: &Database) -> Arc<Self> {
        Arc::new(Self { inner: database.open().await, is_shut: watch::Sender::new(false) })
    }
}

#[async_trait::async_trait]
impl Executor for Gated {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    async fn begin(&self, intent: Intent, reach: &Reach) -> Result<Box<dyn Transaction>> {
        if intent == Intent::Write {
            self.is_shut.subscribe().wait_for(|is_shut| !is_shut).await.unwrap();
        }
        self.inner.begin(intent, reach).await
    }

    async fn secure(&self, migration: &mut dyn Transaction) -> Result<()> {
        self.inner.secure(migration).await
    }

    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }

    async fn prepare(&self, statement: &Statement) -> Result<()> {
        self.inner.prepare(statement).await
    }

    async fn shutdown(&self) {
        self.inner.shutdown().await;
    }
}

/// Sends requests that wait at the gate, and answers once all of them do.
async fn waiting(server: &Server, world: &World, requests: usize) -> Vec<tokio::task::JoinHandle<u16>> {
    let mut sent = Vec::new();
    for number in 0..requests {
        let request = server
            .client
            .post(format!("{}/v1/events", server.url))
            .header("authorization", format!("Bearer {}", world.device))
            .body(world.event(&format!("sentence {number}")).to_string());
        sent.push(tokio::spawn(async move {
            match request.send().await {
                Ok(response) => {
                    let status = response.status().as_u16();
                    let text = response.text().await.unwrap();
                    if text.contains("\"stored\"") { status } else { 0 }
                }
                Err(_) => 0,
            }
        }));
    }
    let gauge = format!("hub_http_requests_in_flight {requests}");
    until("the requests to arrive", async || {
        let metrics = server.raw("GET", "/metrics", None, None).await.text;
        metrics.lines().any(|line| line == gauge).then_some(())
    })
    .await;
    sent
}

on_both_databases! {
    what_was_accepted_is_answered_and_durable
    a_stop_ends_in_time_though_the_database_hangs
}

async fn what_was_accepted_is_answered_and_durable(database: Database) {
    let gate = Gated::open(&database).await;
    let shared = gate.clone();
    let mut server = Server::start_with(Settings::default(), |builder| builder.executor(shared)).await;
    let world = World::make(&server, "rules").await;
    gate.is_shut.send_replace(true);
    let sent = waiting(&server, &world, 20).await;

    server.begin_stop();
    let (address, space) = (server.address, world.space.clone());
    until("the listener to close", async || {
        tokio::net::TcpStream::connect(address).await.is_err().then_some(())
    })
    .await;
    gate.is_shut.send_replace(false);
    for request in sent {
        assert_eq!(request.await.unwrap(), 200);
    }
    let (stopped, _) = server.stopped().await;
    assert_eq!((stopped.cut_off, stopped.hub_closed), (0, true));

    let again = tempfile::tempdir().unwrap();
    let hub: Hub = HubBuilder::in_folder(again.path()).executor(database.open().await).open().await.unwrap();
    let Principal::Device { agent_id, .. } =
        hub.tokens().authenticate(&world.device).await.unwrap().principal
    else {
        panic!("a device's token is no longer a device's");
    };
    let worker = Context::worker(agent_id, "test");
    let space = SpaceId::parse(&space).unwrap();
    let events = hub.events().list(&worker, space, PageRequest::default()).await.unwrap();
    assert_eq!(events.items.len(), 20);
    hub.shutdown().await;
}

async fn a_stop_ends_in_time_though_the_database_hangs(database: Database) {
    let gate = Gated::open(&database).await;
    let shared = gate.clone();
    let mut server = Server::start_with(Settings::default(), |builder| builder.executor(shared)).await;
    let world = World::make(&server, "rules").await;
    gate.is_shut.send_replace(true);
    let sent = waiting(&server, &world, 3).await;
    assert_eq!(server.raw("GET", "/healthz", None, None).await.status, 200);

    let began = Instant::now();
    server.begin_stop();
    let (stopped, _) = server.stopped().await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!((stopped.cut_off, stopped.hub_closed), (3, false));
    for request in sent {
        assert_eq!(request.await.unwrap(), 0, "a request was answered though nothing was written");
    }
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_a_stop() {
    let server = Server::start().await;
    server.post("/v1/agents", ADMIN, json!({"name": "home"})).await;
    let began = Instant::now();
    let (stopped, _) = server.stop().await;
    assert_eq!((stopped.cut_off, stopped.hub_closed), (0, true));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}
