//! A hub with an agent, a space and a person, and what the tests say and ask there.
#![allow(dead_code, reason = "not every test binary uses all of it")]
#![allow(clippy::disallowed_methods, reason = "it waits for conditions, and looks again after a moment")]

use super::Fresh;
use hub_core::clock::{Clock as _, SystemClock};
use hub_core::events::NewEvent;
use hub_core::hub::WorkerRole;
use hub_core::ids::{AgentId, EventId, PersonId, SpaceId};
use hub_core::store::{Executor, PostgresExecutor};
use hub_core::vocabulary::{EventStatus, Role};
use hub_core::{Context, Hub, HubBuilder};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

/// A hub with a data folder of its own; any number of them may stand on one database.
pub(super) struct Process {
    pub(super) hub: Hub,
    _folder: TempDir,
}

impl Process {
    pub(super) async fn on(fresh: &Fresh, workers: &[WorkerRole]) -> Self {
        let executor = PostgresExecutor::open(&fresh.url()).await.unwrap();
        Self::over(Arc::new(executor), workers).await
    }

    pub(super) async fn over(executor: Arc<dyn Executor>, workers: &[WorkerRole]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let builder = HubBuilder::in_folder(folder.path()).executor(executor).workers(workers.to_vec());
        Self { hub: builder.open().await.unwrap(), _folder: folder }
    }

    /// What becomes of one event.
    pub(super) async fn tell(&self, whose: &Context, event: NewEvent) -> EventStatus {
        self.hub.events().append(whose, event).await.unwrap()[0].status
    }
}

/// Who lives there.
#[derive(Clone)]
pub(super) struct House {
    pub(super) agent: AgentId,
    pub(super) space: SpaceId,
    pub(super) anna: PersonId,
}

impl House {
    pub(super) async fn make(hub: &Hub) -> Self {
        let admin = Context::admin();
        let agent = hub.agents().create(&admin, "home".into()).await.unwrap().agent_id;
        let space = hub.spaces().create(&admin, agent, "kitchen".to_owned()).await.unwrap().space_id;
        let anna = hub.people().create(&admin, agent, "Anna".to_owned()).await.unwrap().person_id;
        Self { agent, space, anna }
    }

    pub(super) fn owner(&self) -> Context {
        Context::operator(self.agent, self.anna, Role::Owner)
    }

    /// Something that is said now, under a number.
    pub(super) fn said(&self, id: u128, text: &str) -> NewEvent {
        NewEvent {
            event_id: EventId(Uuid::from_u128(id)),
            space_id: self.space,
            event_type: "transcript_chunk".to_owned(),
            occurred_at: SystemClock.now(),
            person_id: Some(self.anna),
            payload: json!({ "text": text, "role": "user" }).as_object().unwrap().clone(),
        }
    }

    /// The same, heard.
    pub(super) fn voice(&self, id: u128, text: &str) -> NewEvent {
        let mut event = self.said(id, text);
        event.payload.insert("modality".to_owned(), json!("voice"));
        event
    }
}

/// Waits for a condition, at most thirty seconds.
pub(super) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..3_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not come true within 30 s");
}
