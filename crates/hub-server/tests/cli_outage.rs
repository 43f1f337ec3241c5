//! A PostgreSQL server that crashes while a hub serves, and comes back.

#![cfg(all(unix, feature = "postgres"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../hub-core/tests/postgres/server.rs"]
mod server;

mod cli_support;

use cli_support::{Folder, Served};
use serde_json::{Value, json};
use server::Server;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Within this a caller is told that the database is not there.
const TOLD_WITHIN: Duration = Duration::from_secs(16);
/// Within this a hub serves again after its database has come back.
const BACK_WITHIN: Duration = Duration::from_secs(10);

/// The longest outage here, from the first refusal to the answer after it.
const OVER_WITHIN: Duration = Duration::from_secs(40);

/// A client of the hub, as its owner.
struct Owner {
    client: reqwest::Client,
    url: String,
    token: String,
    agent: String,
    space: String,
}

impl Owner {
    fn of(folder: &Folder, hub: &Served) -> Self {
        let id = |name: &str| hub.said[name].as_str().unwrap().to_owned();
        let token = std::fs::read_to_string(folder.path().join("owner.token")).unwrap();
        Self {
            client: cli_support::http(),
            url: hub.url().to_owned(),
            token: token.trim().to_owned(),
            agent: id("agent_id"),
            space: id("space_id"),
        }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    /// Says something; answers status, body and how long that took.
    async fn say(&self, event_id: Uuid, text: &str) -> (u16, Value, Duration) {
        let event = json!({"event_id": event_id, "space_id": self.space, "type": "transcript_chunk",
            "occurred_at": "2026-03-01T10:00:00Z", "payload": {"text": text, "role": "user"}});
        let begun = Instant::now();
        let request = self.client.post(format!("{}/v1/events", self.url)).bearer_auth(&self.token);
        let answer = request.json(&event).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap(), begun.elapsed())
    }

    /// Says it until it is stored, with the same id.
    async fn store(&self, event_id: Uuid, text: &str) {
        let status = until("it is stored", OVER_WITHIN, async || {
            let (status, body, _) = self.say(event_id, text).await;
            (status == 200).then(|| body["results"][0]["status"].as_str().unwrap().to_owned())
        });
        let status = status.await;
        assert!(status == "stored" || status == "duplicate", "{status}");
    }

    async fn ready(&self) -> u16 {
        self.get("/readyz").await.0
    }

    /// Every event of the space, in its order.
    async fn events(&self) -> Vec<Uuid> {
        let mut events = Vec::new();
        let mut cursor = String::new();
        loop {
            let (status, page) =
                self.get(&format!("/v1/spaces/{}/events?limit=500{cursor}", self.space)).await;
            assert_eq!(status, 200, "{page}");
            let ids = page["items"].as_array().unwrap().iter().map(|item| item["event_id"].as_str().unwrap());
            events.extend(ids.map(|id| Uuid::parse_str(id).unwrap()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return events,
            }
        }
    }

    async fn drained(&self) {
        until("the queues are empty", BACK_WITHIN, async || {
            let (_, status) = self.get(&format!("/v1/agents/{}/status", self.agent)).await;
            let queues = status["queues"].as_object()?;
            let waits = |queue: &Value| ["ready", "leased", "delayed"].iter().any(|state| queue[*state] != 0);
            (!queues.values().any(waits)).then_some(())
        })
        .await;
    }
}

async fn until<T>(what: &str, most: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + most;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A hub on the server. What a worker held when the server went is taken up again when its lease has run out, so
/// the lease is a short one.
fn serve(folder: &Folder, server: &Server) -> Served {
    let settings = folder.beside("hub.toml", "[hub]\nlease_seconds = 3\nplan_timeout_seconds = 2\n");
    let settings = settings.to_str().unwrap();
    let mut command = folder.command(&["serve", "--listen", "127.0.0.1:0", "--json", "--config", settings]);
    command.env("HUB_DATABASE_URL", server.url("postgres"));
    Served::start(command)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_crashes_and_comes_back_costs_nothing_that_was_acknowledged() {
    let Some(server) = Server::start(&[]).await else { return };
    let folder = Folder::new();
    let hub = serve(&folder, &server);
    let owner = Owner::of(&folder, &hub);
    assert_eq!(owner.ready().await, 200);

    // Others talk all the time: each says the same until it is told that it is stored.
    let talk = futures_util::future::join_all((0_u128..8).map(|talker| {
        let owner = &owner;
        async move {
            let mut said = BTreeSet::new();
            for number in 0..40 {
                let event_id = Uuid::from_u128(talker * 1_000 + number + 1);
                let (status, body, took) =
                    owner.say(event_id, &format!("the code is t{talker}n{number}")).await;
                assert!(took < TOLD_WITHIN, "an answer took {took:?}");
                if status == 200 {
                    assert_eq!(body["results"][0]["status"], "stored");
                } else {
                    assert_eq!((status, &body["retryable"]), (503, &true.into()), "{body}");
                    assert_eq!(body["code"], "store_unavailable", "{body}");
                    owner.store(event_id, &format!("the code is t{talker}n{number}")).await;
                }
                said.insert(event_id);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            said
        }
    }));
    let outage = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.stop("immediate");
        until("it says that it is not ready", TOLD_WITHIN, async || {
            (owner.ready().await == 503).then_some(())
        })
        .await;
        let begun = Instant::now();
        let (status, recalled) = owner.get("/v1/agents").await;
        assert_eq!((status, &recalled["code"]), (503, &"store_unavailable".into()));
        assert!(begun.elapsed() < TOLD_WITHIN, "{:?}", begun.elapsed());
        // A commit waits a while for its database; one for which that was too long is refused.
        let late = Uuid::from_u128(9_001);
        let (status, body, took) = owner.say(late, "said while it was away").await;
        assert_eq!((status, &body["code"]), (503, &"store_unavailable".into()), "{body}");
        assert!(took < TOLD_WITHIN, "an answer took {took:?}");
        server.resume();
        until("it is ready again", BACK_WITHIN, async || (owner.ready().await == 200).then_some(())).await;
        owner.store(late, "said while it was away").await;
        late
    };
    let (talkers, late) = futures_util::future::join(talk, outage).await;

    let mut said: BTreeSet<Uuid> = talkers.into_iter().flatten().collect();
    said.insert(late);
    let stored = owner.events().await;
    assert_eq!(stored.len(), said.len(), "each once");
    assert_eq!(stored.into_iter().collect::<BTreeSet<_>>(), said);
    owner.drained().await;
    let (_, found) = recall(&owner, "t7n39").await;
    assert_eq!(found["memories"][0]["content"], "the code is t7n39");
    assert_eq!(hub.stop().0, 0);
    let mut verify = folder.command(&["audit", "verify", "--json"]);
    let verified =
        cli_support::Ended::of(verify.env("HUB_DATABASE_URL", server.url("postgres")).output().unwrap());
    assert_eq!(verified.value()["holds"], true);
}

/// A server that is there and says nothing, as one behind a broken network.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_falls_silent_is_not_waited_for_without_end() {
    let Some(server) = Server::start(&[]).await else { return };
    let folder = Folder::new();
    let hub = serve(&folder, &server);
    let owner = Owner::of(&folder, &hub);
    owner.store(Uuid::from_u128(1), "before").await;
    owner.drained().await;

    server.signal("STOP");
    let begun = Instant::now();
    assert_eq!(owner.ready().await, 503);
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    let (status, body, took) = owner.say(Uuid::from_u128(2), "while it was silent").await;
    assert_eq!((status, &body["code"], &body["retryable"]), (503, &"store_unavailable".into(), &true.into()));
    assert!(took < TOLD_WITHIN, "{took:?}");
    server.signal("CONT");

    until("it is ready again", BACK_WITHIN, async || (owner.ready().await == 200).then_some(())).await;
    owner.store(Uuid::from_u128(2), "while it was silent").await;
    owner.drained().await;
    assert_eq!(owner.events().await.len(), 2);
    assert_eq!(hub.stop().0, 0);
}

async fn recall(owner: &Owner, query: &str) -> (u16, Value) {
    let request = owner.client.post(format!("{}/v1/recall", owner.url)).bearer_auth(&owner.token);
    let answer = request.json(&json!({"query": query, "k": 1})).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}
