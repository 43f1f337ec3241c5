//! A hub with two agents, on a clock that moves when a test says so.

use hub_core::clock::{Clock, Timestamp};
use hub_core::events::NewEvent;
use hub_core::hub::WorkerRole;
use hub_core::ids::{AgentId, EventId, PersonId, SpaceId};
use hub_core::page::PageRequest;
use hub_core::vocabulary::{EventStatus, Role};
use hub_core::{Context, Error, Hub, HubBuilder, Result};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use uuid::Uuid;

#[derive(Debug)]
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn pass(&self, duration: Duration) {
        self.0.fetch_add(i64::try_from(duration.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

#[async_trait::async_trait]
impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

pub(crate) struct World {
    pub(crate) hub: Hub,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) agent_id: AgentId,
    pub(crate) space_id: SpaceId,
    pub(crate) anna: PersonId,
    pub(crate) ben: PersonId,
    pub(crate) other_agent: AgentId,
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn open() -> Self {
        Self::with_workers(vec![]).await
    }

    pub(crate) async fn with_workers(roles: Vec<WorkerRole>) -> Self {
        Self::build(|builder| builder.workers(roles)).await
    }

    pub(crate) async fn build(change: impl FnOnce(HubBuilder) -> HubBuilder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock(AtomicI64::new(1_790_000_000_000_000)));
        let builder = HubBuilder::in_folder(folder.path()).clock(clock.clone());
        let hub = change(builder).open().await.unwrap();
        let admin = Context::admin();
        let agent_id = hub.agents().create(&admin, "home".into()).await.unwrap().agent_id;
        let other_agent = hub.agents().create(&admin, "office".into()).await.unwrap().agent_id;
        let space_id = hub.spaces().create(&admin, agent_id, "kitchen".to_owned()).await.unwrap().space_id;
        let anna = hub.people().create(&admin, agent_id, "Anna".to_owned()).await.unwrap().person_id;
        // Identifiers made in one millisecond have no order.
        clock.pass(Duration::from_millis(1));
        let ben = hub.people().create(&admin, agent_id, "Ben".to_owned()).await.unwrap().person_id;
        Self { hub, clock, agent_id, space_id, anna, ben, other_agent, folder }
    }

    /// Anna, who owns the agent.
    pub(crate) fn owner(&self) -> Context {
        Context::operator(self.agent_id, self.anna, Role::Owner)
    }

    /// Ben, who is a member.
    pub(crate) fn member(&self) -> Context {
        Context::operator(self.agent_id, self.ben, Role::Member)
    }

    pub(crate) fn later(&self, seconds: u64) -> Timestamp {
        self.clock.now().after(Duration::from_secs(seconds))
    }

    /// A sentence of a person.
    pub(crate) fn said(&self, id: u128, person_id: PersonId, text: &str, modality: &str) -> NewEvent {
        self.event(
            id,
            person_id,
            "transcript_chunk",
            json!({ "text": text, "role": "user", "modality": modality }),
        )
    }

    pub(crate) fn event(&self, id: u128, person_id: PersonId, event_type: &str, payload: Value) -> NewEvent {
        NewEvent {
            event_id: EventId(Uuid::from_u128(id)),
            space_id: self.space_id,
            event_type: event_type.to_owned(),
            occurred_at: self.clock.now(),
            person_id: Some(person_id),
            payload: payload.as_object().unwrap().clone(),
        }
    }

    pub(crate) async fn append(&self, context: &Context, event: NewEvent) -> (EventStatus, Option<Error>) {
        let outcome = self.hub.events().append(context, event).await.unwrap().remove(0);
        (outcome.status, outcome.problem)
    }

    /// Ids of the events that are there to be read.
    pub(crate) async fn event_ids(&self) -> Vec<u128> {
        let page =
            self.hub.events().list(&self.owner(), self.space_id, PageRequest::default()).await.unwrap();
        page.items.iter().map(|event| event.event_id.0.as_u128()).collect()
    }

    /// The entries of the log of this kind.
    pub(crate) async fn log(&self, kind: &str) -> Vec<Value> {
        let page = PageRequest { limit: Some(500), cursor: None };
        let page = self.hub.audit().entries(&Context::admin(), self.agent_id, page).await.unwrap();
        let entries = page.items.iter().map(|entry| serde_json::from_str::<Value>(&entry.entry).unwrap());
        entries.filter(|entry| entry["kind"] == kind).collect()
    }

    /// Waits until a count of the agent's status is this, at most ten seconds.
    pub(crate) async fn counts(&self, name: &str, wanted: i64) {
        for _ in 0..1_000 {
            let status = self.hub.agents().status(&Context::admin(), self.agent_id).await.unwrap();
            if status.counts.get(name).copied().unwrap_or_default() == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{name} did not become {wanted} within 10 s");
    }
}

/// The code of a refusal.
pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T>) -> &'static str {
    answer.unwrap_err().code()
}
