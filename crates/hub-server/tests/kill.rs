//! Kills the server, without warning, in the middle of ingest, indexing and planning, again and
//! again, and holds what is left against what was promised: every acknowledged event is there
//! once, no plan is half-written, and the log verifies.
//!
//! `HUB_SOAK_ROUNDS` (30) and `HUB_SOAK_SEED` set the rounds and when the kills come.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod cli_support;

use cli_support::{Folder, Served};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

/// Clients that post at once.
const CLIENTS: u64 = 4;

/// A small generator (SplitMix64, Steele and others 2014), so that a seed repeats the kills.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What one client knows: what it sent, and what was acknowledged.
#[derive(Default)]
struct Ledger {
    sent: BTreeSet<Uuid>,
    acknowledged: BTreeSet<Uuid>,
}

struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
    agent: String,
    space: String,
}

impl Client {
    fn of(served: &Served, folder: &Folder) -> Self {
        let text = std::fs::read_to_string(folder.path().join("client.json")).unwrap();
        let client: Value = serde_json::from_str(&text).unwrap();
        let token = std::fs::read_to_string(folder.path().join("owner.token")).unwrap().trim().to_owned();
        Self {
            http: hub_server::tls::Trust::default().http().unwrap().build().unwrap(),
            url: served.url().to_owned(),
            token,
            agent: client["agent_id"].as_str().unwrap().to_owned(),
            space: client["space_id"].as_str().unwrap().to_owned(),
        }
    }

    async fn ask(&self, path: &str) -> Option<Value> {
        let asked =
            self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token).send().await.ok()?;
        assert!(asked.status().is_success(), "{path}: {}", asked.status());
        asked.json().await.ok()
    }

    /// Every item of a list.
    async fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.ask(&format!("{path}?limit=500{cursor}")).await.unwrap();
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// Each event states a fact that the rules extract, so a plan can be held against it.
    fn event(&self, id: Uuid) -> Value {
        json!({
            "event_id": id,
            "space_id": self.space,
            "type": "transcript_chunk",
            "occurred_at": "2026-03-01T10:00:00Z",
            "payload": { "role": "user", "text": format!("I am allergic to food{}.", id.as_u128() % 1_000_000) },
        })
    }

    /// Posts events; answers what became of each, or nothing when no answer came.
    async fn post(&self, ids: &[Uuid]) -> Option<Vec<(Uuid, String)>> {
        let events: Vec<Value> = ids.iter().map(|id| self.event(*id)).collect();
        let body = match events.as_slice() {
            [event] => event.clone(),
            events => json!({ "events": events }),
        };
        let url = format!("{}/v1/events", self.url);
        let answer = self.http.post(url).bearer_auth(&self.token).json(&body).send().await.ok()?;
        if !answer.status().is_success() {
            return None;
        }
        let answer: Value = answer.json().await.ok()?;
        let results = answer["results"].as_array()?.iter();
        Some(
            results
                .map(|result| {
                    let id = result["event_id"].as_str().unwrap().parse().unwrap();
                    (id, result["status"].as_str().unwrap().to_owned())
                })
                .collect(),
        )
    }

    async fn drained(&self) {
        for _ in 0..600 {
            let status = self.ask(&format!("/v1/agents/{}/status", self.agent)).await.unwrap();
            let waiting: u64 = status["queues"]
                .as_object()
                .unwrap()
                .values()
                .flat_map(|queue| ["ready", "leased", "delayed"].map(|state| queue[state].as_u64().unwrap()))
                .sum();
            if waiting == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the queues did not drain within a minute");
    }
}

/// Posts until the server is gone.
async fn feed(client: Arc<Client>, ledger: Arc<Mutex<Ledger>>, mut random: Seeded) {
    loop {
        let size = if random.next(3) == 0 { 20 } else { 1 };
        let ids: Vec<Uuid> = (0..size).map(|_| Uuid::new_v4()).collect();
        ledger.lock().unwrap().sent.extend(&ids);
        let Some(results) = client.post(&ids).await else { return };
        for (id, status) in results {
            assert_eq!(status, "stored", "{id} is new");
            ledger.lock().unwrap().acknowledged.insert(id);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_no_plan_is_half_written_when_the_server_is_killed() {
    let (rounds, seed) = (setting("HUB_SOAK_ROUNDS", 30), setting("HUB_SOAK_SEED", 1));
    println!("rounds {rounds}, seed {seed}");
    let folder = Folder::new();
    // Leases that end soon: what a killed worker held is taken up within the test.
    let quick =
        "[hub]\nlease_seconds = 2\nplan_timeout_seconds = 1\nwindow_pause_ms = 50\nwindow_utterances = 10\n";
    let settings = folder.beside("quick.toml", quick);
    let settings = settings.to_str().unwrap();
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let mut random = Seeded(seed);
    for round in 0..rounds {
        let served = folder.serve(&["--config", settings]);
        let client = Arc::new(Client::of(&served, &folder));
        let feeds: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let random = Seeded(seed ^ (round << 8) ^ number);
                tokio::spawn(feed(client.clone(), ledger.clone(), random))
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(60 + random.next(400))).await;
        drop(served);
        for feed in feeds {
            feed.await.unwrap();
        }
        let verified = folder.run(&["audit", "verify"]);
        assert_eq!(verified.code, 0, "round {round}: {verified:?}");
    }
    let served = folder.serve(&["--config", settings]);
    let client = Client::of(&served, &folder);
    client.drained().await;
    let known = std::mem::take(&mut *ledger.lock().unwrap());
    hold(&client, &known.sent, &known.acknowledged).await;
    assert_eq!(served.stop().0, 0);
    assert_eq!(folder.run(&["audit", "verify"]).code, 0);
}

/// Holds what the hub has against what the clients know.
async fn hold(client: &Client, sent: &BTreeSet<Uuid>, acknowledged: &BTreeSet<Uuid>) {
    let mut stored: BTreeMap<Uuid, usize> = BTreeMap::new();
    for event in client.all(&format!("/v1/spaces/{}/events", client.space)).await {
        *stored.entry(event["event_id"].as_str().unwrap().parse().unwrap()).or_default() += 1;
    }
    println!("sent {}, acknowledged {}, stored {}", sent.len(), acknowledged.len(), stored.len());
    assert!(acknowledged.len() > 100, "the test did hardly anything");
    assert!(acknowledged.iter().all(|id| stored.contains_key(id)), "an acknowledged event is lost");
    assert!(stored.values().all(|times| *times == 1), "an event is there twice");
    assert!(stored.keys().all(|id| sent.contains(id)), "an event came from nowhere");

    let status = client.ask(&format!("/v1/agents/{}/status", client.agent)).await.unwrap();
    let dead = status["queues"].as_object().unwrap().values().map(|queue| queue["dead"].as_u64().unwrap());
    if dead.sum::<u64>() > 0 {
        let letters = client.all(&format!("/v1/agents/{}/dead-letters", client.agent)).await;
        panic!("work was given up, such as {} and {}", letters[0], letters[letters.len() - 1]);
    }

    let mut remembered: BTreeMap<(String, Uuid), usize> = BTreeMap::new();
    for memory in client.all(&format!("/v1/agents/{}/memories", client.agent)).await {
        for source in memory["source_event_ids"].as_array().unwrap() {
            let tier = memory["tier"].as_str().unwrap().to_owned();
            *remembered.entry((tier, source.as_str().unwrap().parse().unwrap())).or_default() += 1;
        }
    }
    for id in stored.keys() {
        for tier in ["episodic", "semantic"] {
            let times = remembered.get(&(tier.to_owned(), *id)).copied().unwrap_or(0);
            assert_eq!(times, 1, "{id} has {times} {tier} memories");
        }
    }

    let ids: Vec<Uuid> = stored.keys().copied().collect();
    for part in ids.chunks(500) {
        for (id, status) in client.post(part).await.unwrap() {
            assert_eq!(status, "duplicate", "{id} was stored before");
        }
    }
}
