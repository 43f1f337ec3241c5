//! A hub whose model is the fake.

use hub_core::actions::Action;
use hub_core::clock::{Clock as _, SystemClock};
use hub_core::events::NewEvent;
use hub_core::hub::actions::ActionFilter;
use hub_core::hub::agents::{NewAgent, Status};
use hub_core::hub::memory::MemoryFilter;
use hub_core::hub::spaces::SpacePatch;
use hub_core::ids::{AgentId, EventId, PersonId, SpaceId};
use hub_core::page::PageRequest;
use hub_core::planner::Usage;
use hub_core::vocabulary::{PlannerKind, Role};
use hub_core::{Context, Hub, HubBuilder, Secret, Settings};
use hub_openai::OpenAiPlanner;
use hub_openai_fake::{Answer, Fake, Reply, Script};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

/// How long a test waits for anything.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct World {
    pub(crate) fake: Fake,
    pub(crate) hub: Hub,
    agent: AgentId,
    space: SpaceId,
    person: PersonId,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn open(script: Script) -> Self {
        Self::with(script, |_| {}).await
    }

    pub(crate) async fn with(script: Script, change: impl FnOnce(&mut Settings)) -> Self {
        Self::of_kind(PlannerKind::OpenAi, script, change).await
    }

    pub(crate) async fn of_kind(
        kind: PlannerKind,
        script: Script,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let fake = Fake::start(script).await.unwrap();
        let of_model =
            hub_openai::Settings { base_url: fake.url(), timeout_seconds: 8, ..Default::default() };
        let planner = OpenAiPlanner::new(of_model, Some(Secret::new("sk-test"))).unwrap();
        // One utterance is a window, planned at once.
        let mut settings = Settings { window_utterances: 1, poll_ms: 10, ..Settings::default() };
        change(&mut settings);
        let folder = tempfile::tempdir().unwrap();
        let builder = HubBuilder::in_folder(folder.path()).settings(settings);
        let hub = builder.planner(PlannerKind::OpenAi, Arc::new(planner)).open().await.unwrap();
        let admin = Context::admin();
        let new = NewAgent { planner: Some(kind), ..NewAgent::from("home") };
        let agent = hub.agents().create(&admin, new).await.unwrap().agent_id;
        let space = hub.spaces().create(&admin, agent, "kitchen".to_owned()).await.unwrap().space_id;
        let person = hub.people().create(&admin, agent, "Anna".to_owned()).await.unwrap().person_id;
        Self { fake, hub, agent, space, person, _folder: folder }
    }

    fn owner(&self) -> Context {
        Context::operator(self.agent, self.person, Role::Owner)
    }

    fn said(&self, text: &str) -> NewEvent {
        NewEvent {
            event_id: EventId(Uuid::new_v4()),
            space_id: self.space,
            event_type: "transcript_chunk".to_owned(),
            occurred_at: SystemClock.now(),
            person_id: Some(self.person),
            payload: json!({"text": text, "role": "user"}).as_object().unwrap().clone(),
        }
    }

    pub(crate) async fn say(&self, text: &str) {
        self.say_all(&[text]).await;
    }

    pub(crate) async fn say_all(&self, texts: &[&str]) {
        let events: Vec<NewEvent> = texts.iter().map(|text| self.said(text)).collect();
        self.hub.events().append(&self.owner(), events).await.unwrap();
    }

    pub(crate) async fn private(&self, privacy_mode: bool) {
        let patch = SpacePatch { privacy_mode: Some(privacy_mode), ..SpacePatch::default() };
        self.hub.spaces().update(&Context::admin(), self.space, patch).await.unwrap();
    }

    pub(crate) async fn status(&self) -> Status {
        self.hub.agents().status(&Context::admin(), self.agent).await.unwrap()
    }

    async fn until(&self, what: &str, holds: impl Fn(&Status) -> bool) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let status = self.status().await;
            if holds(&status) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "not {what}: {:?}", status.queues);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn drained(&self) {
        let left = |status: &Status| {
            status.queues.values().map(|depth| depth.ready + depth.leased + depth.delayed).sum::<i64>()
        };
        self.until("drained", |status| left(status) == 0).await;
    }

    /// A window waits for its time, and no worker has it.
    pub(crate) async fn until_resting(&self) {
        self.until("resting", |status| {
            status.queues["plan"].delayed == 1 && status.queues["plan"].leased == 0
        })
        .await;
    }

    pub(crate) async fn until_seen(&self, requests: usize) {
        while self.fake.seen().len() < requests {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn spent(&self) -> Usage {
        self.status().await.spent_today
    }

    pub(crate) async fn actions(&self) -> Vec<Action> {
        let page = PageRequest::default();
        self.hub.actions().list(&self.owner(), self.agent, ActionFilter::default(), page).await.unwrap().items
    }

    pub(crate) async fn memories(&self) -> Vec<String> {
        let page = PageRequest::default();
        let listed = self.hub.memory().list(&self.owner(), self.agent, MemoryFilter::default(), page).await;
        listed.unwrap().items.into_iter().map(|memory| memory.content).collect()
    }

    /// The reasons of dead letters.
    pub(crate) async fn letters(&self) -> Vec<String> {
        let page = PageRequest::default();
        let letters = self.hub.planner().dead_letters(&self.owner(), self.agent, page).await.unwrap();
        letters.items.into_iter().map(|letter| letter.reason).collect()
    }

    /// Entries of the log of this kind.
    pub(crate) async fn logged(&self, kind: &str) -> usize {
        let page = PageRequest::default();
        let entries = self.hub.audit().entries(&Context::admin(), self.agent, page).await.unwrap();

        entries.items.iter().filter(|entry| format!("{entry:?}").contains(kind)).count()
    }
}

pub(crate) fn json_answer(plan: Value) -> Answer {
    Answer::of(Reply::Json(plan))
}

pub(crate) fn memory(content: &str, source: &str) -> Value {
    json!({"content": content, "predicate": "fact", "person": null, "confidence": 0.9, "sources": [source]})
}

pub(crate) fn action(tool: &str, arguments: &Value, source: &str) -> Value {
    json!({"tool": tool, "arguments": arguments.to_string(), "reason": "it was asked for", "sources": [source]})
}
