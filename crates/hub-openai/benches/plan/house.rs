//! A hub whose model is the fake, and whoever watches its windows.

use hub_core::clock::{Clock as _, SystemClock};
use hub_core::events::NewEvent;
use hub_core::hub::agents::NewAgent;
use hub_core::ids::{AgentId, EventId, PersonId, SpaceId};
use hub_core::observe::Observer;
use hub_core::vocabulary::{PlannerKind, Role};
use hub_core::{Context, Hub, HubBuilder, Settings};
use hub_openai::OpenAiPlanner;
use hub_openai_fake::{Fake, Script};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use uuid::Uuid;

#[derive(Debug, Default)]
struct Watch(Mutex<Vec<Duration>>);

impl Observer for Watch {
    fn window_planned(&self, _: &str, took: Duration) {
        self.0.lock().unwrap().push(took);
    }
}

pub(crate) struct House {
    hub: Hub,
    watch: Arc<Watch>,
    agent: AgentId,
    space: SpaceId,
    person: PersonId,
    _fake: Fake,
    _folder: TempDir,
}

impl House {
    pub(crate) async fn open(script: Script) -> Self {
        let fake = Fake::start(script).await.unwrap();
        let settings = hub_openai::Settings { base_url: fake.url(), ..Default::default() };
        let planner = OpenAiPlanner::new(settings, None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let watch = Arc::new(Watch::default());
        let settings =
            Settings { window_utterances: 1, plan_tokens_per_day: u64::MAX, ..Settings::default() };
        let builder = HubBuilder::in_folder(folder.path()).settings(settings).observer(watch.clone());
        let hub = builder.planner(PlannerKind::OpenAi, Arc::new(planner)).open().await.unwrap();
        let admin = Context::admin();
        let new = NewAgent { planner: Some(PlannerKind::OpenAi), ..NewAgent::from("home") };
        let agent = hub.agents().create(&admin, new).await.unwrap().agent_id;
        let space = hub.spaces().create(&admin, agent, "kitchen".to_owned()).await.unwrap().space_id;
        let person = hub.people().create(&admin, agent, "Anna".to_owned()).await.unwrap().person_id;
        Self { hub, watch, agent, space, person, _fake: fake, _folder: folder }
    }

    pub(crate) fn first_space(&self) -> SpaceId {
        self.space
    }

    pub(crate) async fn spaces(&self, count: usize) -> Vec<SpaceId> {
        let mut spaces = Vec::with_capacity(count);
        for number in 0..count {
            let (rooms, admin) = (self.hub.spaces(), Context::admin());
            let space = rooms.create(&admin, self.agent, format!("room {number}")).await.unwrap();
            spaces.push(space.space_id);
        }
        spaces
    }

    fn owner(&self) -> Context {
        Context::operator(self.agent, self.person, Role::Owner)
    }

    fn event(&self, space_id: SpaceId, kind: &str, payload: serde_json::Value) -> NewEvent {
        NewEvent {
            event_id: EventId(Uuid::now_v7()),
            space_id,
            event_type: kind.to_owned(),
            occurred_at: SystemClock.now(),
            person_id: Some(self.person),
            payload: payload.as_object().unwrap().clone(),
        }
    }

    /// What recall has to look at; nobody plans on it.
    pub(crate) async fn remember(&self, count: usize) {
        const THINGS: [&str; 8] =
            ["boiler", "ferry", "garden", "kettle", "violin", "winter", "paint", "bread"];
        let worker = Context::worker(self.agent, "speech");
        for chunk in (0..count).collect::<Vec<_>>().chunks(500) {
            let event = |number: &usize| {
                let thing = THINGS[number % THINGS.len()];
                let text = format!("the {thing} of number {number} was looked at and somebody wrote it down");
                NewEvent {
                    person_id: None,
                    ..self.event(self.space, "transcript_chunk", json!({"text": text, "role": "agent"}))
                }
            };
            self.hub.events().append(&worker, chunk.iter().map(event).collect::<Vec<_>>()).await.unwrap();
        }
        self.hub.drained(self.agent).await.unwrap();
        let status = self.hub.agents().status(&Context::admin(), self.agent).await.unwrap();
        assert_eq!(status.counts.get("memories_episodic"), Some(&i64::try_from(count).unwrap()));
        // Windows without anything to plan are none that is measured.
        self.watch.0.lock().unwrap().clear();
    }

    pub(crate) async fn say(&self, space: SpaceId, number: usize) {
        let text = format!("please look at the boiler before winter and note number {number}");
        let event = self.event(space, "transcript_chunk", json!({"text": text, "role": "user"}));
        let outcome = self.hub.events().append(&self.owner(), event).await.unwrap().remove(0);
        assert!(outcome.problem.is_none(), "{outcome:?}");
    }

    /// Events that nobody plans on.
    pub(crate) async fn noise(&self, count: usize) {
        let event = |_| self.event(self.space, "observation", json!({"kind": "motion"}));
        let outcomes =
            self.hub.events().append(&self.owner(), (0..count).map(event).collect::<Vec<_>>()).await.unwrap();
        assert!(outcomes.iter().all(|outcome| outcome.problem.is_none()), "{:?}", outcomes[0]);
    }

    /// Waits until so many windows are planned.
    pub(crate) async fn planned(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.watch.0.lock().unwrap().len() < count {
            assert!(Instant::now() < deadline, "the windows were not planned");
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }

    pub(crate) fn took(&self) -> Vec<Duration> {
        self.watch.0.lock().unwrap().clone()
    }

    pub(crate) async fn close(self) {
        self.hub.shutdown().await;
    }
}
