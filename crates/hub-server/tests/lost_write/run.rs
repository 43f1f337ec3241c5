//! A run: rounds of requests and faults, and what must hold after each and at the end.

use crate::checks;
use crate::client::{Answer, Client, Fate, Gone, Voice, text};
use crate::dump::{Dump, words_in_files};
use crate::effects;
use crate::faults::{CLOCK_OFF_MINUTES, Faults, Machine, kinds, minutes_us};
use crate::hub::{ADMIN, Which};
use crate::hubs::HubProcess;
use crate::postgres::Postgres;
use crate::proxy::Proxy;
use crate::seeded::Seeded;
use crate::shared::{Agent, Held, Shared, Space, violated};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const CLIENTS: usize = 8;
const AGENTS: usize = 2;
const SPACES: usize = 3;
/// Within this time everything that waits is done, once every fault is over.
const DRAINED_WITHIN: Duration = Duration::from_secs(90);
/// Longer than a tool takes, so that a run is not succeeded for want of time alone.
const HURRIED_EVERY: Duration = Duration::from_secs(10);
/// Rows up to which everything is looked at after each round, and not at the end alone.
const ROWS_A_ROUND: usize = 40_000;
/// Utterances whose recall is tried at the end.
const RECALLED: usize = 40;

/// What a run is made of.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The test as part of which hubs are started.
    pub(crate) test: &'static str,
    pub(crate) seed: u64,
    pub(crate) time: Duration,
    pub(crate) postgres: bool,
    pub(crate) hubs: usize,
    /// Of all faults, only `kill -9` of hubs, every few seconds.
    pub(crate) only_kills: bool,
}

pub(crate) struct Run {
    plan: Plan,
    folder: PathBuf,
    pub(crate) shared: Arc<Shared>,
    machine: Machine,
    faults: Faults,
    clients: Vec<Client>,
    rows: usize,
}

impl Run {
    /// Starts everything, in this folder.
    pub(crate) async fn start(plan: Plan, folder: PathBuf, postgres: Option<Postgres>) -> Self {
        let mut proxies = Vec::new();
        let mut hubs = Vec::new();
        for number in 0..plan.hubs {
            let seeded = |part| Seeded::of(plan.seed, part, number as u64);
            let mut url = None;
            if let Some(postgres) = &postgres {
                let proxy = Proxy::start(postgres.port(), seeded("proxy")).await;
                url = Some(postgres.url(proxy.port()));
                proxies.push(proxy);
            }
            let which = Which {
                folder: folder.join(format!("hub{number}")),
                postgres: url,
                effects: folder.join("effects"),
                seed: seeded("hub").draw(),
                clock: 0,
            };
            hubs.push(HubProcess::new(which, plan.test, folder.join(format!("log{number}"))));
        }
        for hub in &hubs {
            hub.start().await;
        }
        let shared = Arc::new(Shared::of(hubs));
        let clients = furnish(&shared, plan.seed).await;
        let faults = Faults::new(kinds(plan.postgres, plan.only_kills), Seeded::of(plan.seed, "faults", 0));
        Self { plan, folder, shared, machine: Machine { postgres, proxies }, faults, clients, rows: 0 }
    }

    /// Rounds until the time is over, then everything at rest.
    pub(crate) async fn finish(&mut self) -> Held {
        let until = Instant::now() + self.plan.time;
        while Instant::now() < until {
            self.round().await?;
        }
        self.drain().await?;
        self.verify().await?;
        self.hold(true).await?;
        self.recall().await
    }

    async fn round(&mut self) -> Held {
        self.shared.rest.store(false, Ordering::SeqCst);
        let clients = std::mem::take(&mut self.clients).into_iter().map(|mut client| {
            tokio::spawn(async move {
                client.round().await;
                client
            })
        });
        let clients: Vec<_> = clients.collect();
        let mut rest = Seeded::of(self.plan.seed, "rests", self.shared.tick());
        if self.plan.only_kills {
            tokio::time::sleep(rest.millis(1_000, 3_000)).await;
        }
        self.faults.some(&mut self.machine, &self.shared).await;
        self.shared.rest.store(true, Ordering::SeqCst);
        self.faults.end(&self.machine, &self.shared).await;
        for client in clients {
            self.clients.push(client.await.unwrap());
        }
        self.shared.held()?;
        if let Some(hub) = self.shared.hubs.iter().position(HubProcess::ended_by_itself) {
            return violated("a hub does not end by itself", format!("hub {hub} did"));
        }
        for held in join_all(self.clients.iter_mut().map(Client::settle)).await {
            held?;
        }
        self.shared.checked("rounds", 1);
        self.verify().await?;
        if self.rows < ROWS_A_ROUND { self.hold(false).await } else { Ok(()) }
    }

    /// The whole log, as a hub verifies it.
    async fn verify(&self) -> Held {
        for hub in &self.shared.hubs {
            let said = hub.tell("verify").await.unwrap_or_default();
            match said.strip_prefix("verified ") {
                Some(entries) => self.shared.checked("entries verified", entries.parse().unwrap()),
                None => return violated("the log is whole", said),
            }
        }
        Ok(())
    }

    /// Everything that is stored.
    async fn hold(&mut self, drained: bool) -> Held {
        let dump = match &self.machine.postgres {
            Some(postgres) => Dump::of_postgres(&postgres.dump()),
            None => Dump::of_sqlite(&hub_core::DataFolder::database_in(&self.folder.join("hub0"))).await,
        };
        self.rows = dump.rows();
        let (clients, shared) = (&self.clients, &self.shared);
        shared.checked("events", checks::hold_events(clients, &dump)?);
        shared.checked("log", checks::hold_log(&dump)?);
        shared.checked("queue", checks::hold_queue(&dump, drained)?);
        let effects = self.folder.join("effects");
        shared.checked("actions", effects::hold_actions(clients, &dump, &effects, drained)?);
        shared.checked("approvals", effects::hold_approvals(&dump)?);
        shared.checked("things", checks::hold_made(clients, &dump)?);
        if drained {
            shared.checked("memories", checks::hold_memories(clients, &dump)?);
            let mut found = words_in_files(&self.folder);
            if let Some(postgres) = &self.machine.postgres {
                found.extend(words_in_files(postgres.folder()));
            }
            shared.checked("absent from files", checks::hold_files(clients, &found)?);
            for hub in 0..shared.hubs.len() {
                if let Some(word) = words_in_files(&self.folder.join(format!("log{hub}"))).iter().next() {
                    return violated("logs hold no content", word);
                }
            }
        }
        Ok(())
    }

    /// Waits until no work is left. What a clock that was set back made wait for hours, and what a
    /// runner holds that could not write how it ended, is hurried by clocks that are set ahead.
    async fn drain(&mut self) -> Held {
        let deadline = Instant::now() + DRAINED_WITHIN;
        let (mut hurry, mut ahead) = (Instant::now(), minutes_us(CLOCK_OFF_MINUTES));
        loop {
            let waiting = self.waiting().await?;
            if waiting == 0 {
                return Ok(());
            }
            let now = Instant::now();
            if now > deadline {
                return violated("everything that waits is done", format!("{waiting} jobs wait"));
            }
            if now >= hurry {
                hurry = now + HURRIED_EVERY;
                ahead += minutes_us(2);
                for hub in &self.shared.hubs {
                    hub.set_clock(ahead).await;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn waiting(&mut self) -> Held<u64> {
        let mut agents: Vec<Arc<Agent>> = Vec::new();
        for space in self.clients.iter().flat_map(|client| &client.spaces) {
            if !agents.iter().any(|agent| agent.id == space.agent.id) {
                agents.push(space.agent.clone());
            }
        }
        let mut waiting = 0;
        for agent in agents {
            let path = format!("/v1/agents/{}/status", agent.id);
            let asked = self.clients[0].ask("status", &agent.owner, ("GET", &path), None).await?.1;
            let Answer::Said(200, status) = asked else { return Ok(1) };
            for queue in status["queues"].as_object().unwrap().values() {
                waiting += ["ready", "leased", "delayed"]
                    .map(|state| queue[state].as_u64().unwrap())
                    .iter()
                    .sum::<u64>();
            }
        }
        Ok(waiting)
    }

    /// Some of what is stored is found by what was said, once.
    async fn recall(&mut self) -> Held {
        let mut random = Seeded::of(self.plan.seed, "recall", 0);
        for number in 0..RECALLED {
            let client = &mut self.clients[number % CLIENTS];
            if client.said.is_empty() {
                continue;
            }
            let said = &client.said[random.index(client.said.len())];
            let Fate::Stored(variant) = said.fate else { continue };
            if said.gone == Gone::Perhaps {
                continue;
            }
            let (id, wanted) = (said.id.to_string(), usize::from(said.gone == Gone::No));
            let (word, token) = (said.variants[variant].0.clone(), said.space.agent.owner.clone());
            let body = json!({ "query": word, "k": 20, "tiers": ["episodic"] });
            let asked = client.ask("recall", &token, ("POST", "/v1/recall"), Some(&body)).await?.1;
            let Answer::Said(200, found) = asked else {
                return violated("recall answers", format!("event {id}: {asked:?}"));
            };
            let holds = |memory: &&Value| {
                memory["content"].as_str().is_some_and(|content| content.contains(&word))
                    && memory["source_event_ids"]
                        .as_array()
                        .is_some_and(|ids| ids.iter().any(|source| *source == *id))
            };
            let times = found["memories"].as_array().into_iter().flatten().filter(holds).count();
            if times != wanted {
                return violated(
                    "each stored utterance is recallable once",
                    format!("event {id}: {times} times"),
                );
            }
            self.shared.checked("recalls", 1);
        }
        Ok(())
    }

    /// What to read when something did not hold.
    pub(crate) fn logs(&self) -> String {
        self.shared
            .hubs
            .iter()
            .map(|hub| hub.log().lines().rev().take(8).collect::<Vec<_>>().join("\n"))
            .collect()
    }

    pub(crate) fn answers_cut(&self) -> u64 {
        self.machine.proxies.iter().map(Proxy::answers_cut).sum()
    }
}

/// Agents, spaces, owners, and a person for each client.
async fn furnish(shared: &Arc<Shared>, seed: u64) -> Vec<Client> {
    let url = shared.hubs[0].url().unwrap();
    let http = hub_server::tls::Trust::default().http().unwrap().no_proxy().build().unwrap();
    let make = async |path: String, body: Value| -> Value {
        let made = http.post(format!("{url}{path}")).bearer_auth(ADMIN).json(&body).send().await.unwrap();
        assert_eq!(made.status(), 201, "{path}");
        made.json().await.unwrap()
    };
    let person = async |agent: &str, role: &str| -> (String, String) {
        let person = make(format!("/v1/agents/{agent}/people"), json!({ "name": role })).await;
        let id = text(&person, "person_id");
        let body = json!({ "kind": "operator", "person_id": id, "role": role });
        (id, text(&make(format!("/v1/agents/{agent}/tokens"), body).await, "token"))
    };
    let (mut agents, mut spaces) = (Vec::new(), Vec::new());
    for number in 0..AGENTS {
        let id = text(&make("/v1/agents".to_owned(), json!({ "name": "home" })).await, "agent_id");
        let (_, owner) = person(&id, "owner").await;
        let agent = Arc::new(Agent { number, id, owner });
        for _ in 0..SPACES {
            let made = make(format!("/v1/agents/{}/spaces", agent.id), json!({ "name": "room" })).await;
            spaces.push(Arc::new(Space::of(agent.clone(), text(&made, "space_id"))));
        }
        agents.push(agent);
    }
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let agent = agents[number % AGENTS].clone();
        let (id, token) = person(&agent.id, "member").await;
        let voice = Voice { agent, person: id, token, grants: Vec::new(), unsure: false };
        let random = Seeded::of(seed, "client", number as u64);
        clients.push(Client::new(number, random, shared.clone(), spaces.clone(), voice));
    }
    clients
}
