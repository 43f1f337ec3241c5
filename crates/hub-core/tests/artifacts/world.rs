//! A hub with an agent, a space and two people, on a clock that stands still.

use hub_core::artifacts::{Artifact, ByteRange, NewArtifact};
use hub_core::clock::Clock as _;
use hub_core::events::NewEvent;
use hub_core::hub::WorkerRole;
use hub_core::hub::consents::NewGrant;
use hub_core::hub::spaces::SpacePatch;
use hub_core::ids::{AgentId, ArtifactId, ConsentId, EventId, PersonId, SpaceId};
use hub_core::page::PageRequest;
use hub_core::store::{Executor, SqliteExecutor};
use hub_core::testkit::{FailingExecutor, ManualClock};
use hub_core::vocabulary::{ConsentKind, EventStatus, Role};
use hub_core::{Context, Error, Hub, HubBuilder, Result, Settings};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) hub: Hub,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) database: FailingExecutor,
    pub(crate) agent: AgentId,
    pub(crate) space: SpaceId,
    pub(crate) anna: PersonId,
    pub(crate) ben: PersonId,
    pub(crate) folder: tempfile::TempDir,
    #[cfg(feature = "postgres")]
    fresh: Option<crate::fresh::Fresh>,
}

impl World {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let executor = SqliteExecutor::open(&folder.path().join("hub.db")).await.unwrap();
        let world = Self::over(folder, Arc::new(executor)).await;
        #[cfg(feature = "postgres")]
        let world = Self { fresh: None, ..world };
        world
    }

    #[cfg(feature = "postgres")]
    pub(crate) async fn on_postgres() -> Option<Self> {
        let fresh = crate::fresh::Fresh::make().await?;
        let executor = hub_core::store::PostgresExecutor::open(&fresh.url()).await.unwrap();
        let world = Self::over(tempfile::tempdir().unwrap(), Arc::new(executor)).await;
        Some(Self { fresh: Some(fresh), ..world })
    }

    async fn over(folder: tempfile::TempDir, executor: Arc<dyn Executor>) -> Self {
        let clock = Arc::new(ManualClock::default());
        let database = FailingExecutor::over(executor);
        let hub = open(folder.path(), &clock, &database, &[], Settings::default()).await;
        let admin = Context::admin();
        let agent = hub.agents().create(&admin, "home".into()).await.unwrap().agent_id;
        let space = hub.spaces().create(&admin, agent, "kitchen".to_owned()).await.unwrap().space_id;
        let anna = hub.people().create(&admin, agent, "Anna".to_owned()).await.unwrap().person_id;
        let ben = hub.people().create(&admin, agent, "Ben".to_owned()).await.unwrap().person_id;
        Self {
            hub,
            clock,
            database,
            agent,
            space,
            anna,
            ben,
            folder,
            #[cfg(feature = "postgres")]
            fresh: None,
        }
    }

    /// Stops the hub and starts another one on the same database, with these workers.
    pub(crate) async fn restart(&mut self, roles: &[WorkerRole]) {
        self.hub.shutdown().await;
        self.database = FailingExecutor::over(self.executor().await);
        self.hub = open(self.folder.path(), &self.clock, &self.database, roles, Settings::default()).await;
    }

    /// Another connection to the same database.
    pub(crate) async fn executor(&self) -> Arc<dyn Executor> {
        #[cfg(feature = "postgres")]
        if let Some(fresh) = &self.fresh {
            return Arc::new(hub_core::store::PostgresExecutor::open(&fresh.url()).await.unwrap());
        }
        Arc::new(SqliteExecutor::open(&self.folder.path().join("hub.db")).await.unwrap())
    }

    pub(crate) fn owner(&self) -> Context {
        Context::operator(self.agent, self.anna, Role::Owner)
    }

    pub(crate) fn new_artifact(&self, people: &[PersonId]) -> NewArtifact {
        NewArtifact { person_ids: people.to_vec(), ..NewArtifact::new(self.space) }
    }

    /// Hands bytes in, a few at a time.
    pub(crate) async fn hand_in(&self, new: NewArtifact, bytes: &[u8]) -> Result<Artifact> {
        // Ids of one millisecond have no order.
        self.clock.advance(Duration::from_millis(1));
        hand_in(&self.hub, &self.owner(), new, bytes).await
    }

    pub(crate) async fn keep(&self, people: &[PersonId], bytes: &[u8]) -> Artifact {
        self.hand_in(self.new_artifact(people), bytes).await.unwrap()
    }

    pub(crate) async fn read(&self, id: ArtifactId, range: Option<ByteRange>) -> Result<Vec<u8>> {
        read(&self.hub, &self.owner(), id, range).await
    }

    pub(crate) async fn consent(&self, person: PersonId, expires_in: Option<Duration>) -> ConsentId {
        let expires_at = expires_in.map(|after| self.clock.now().after(after));
        let new = NewGrant { kind: ConsentKind::Recording, expires_at };
        self.hub.consent().grant(&self.owner(), person, new).await.unwrap().consent_id
    }

    pub(crate) async fn privacy(&self, on: bool) {
        let patch = SpacePatch { privacy_mode: Some(on), ..Default::default() };
        self.hub.spaces().update(&self.owner(), self.space, patch).await.unwrap();
    }

    /// Says that an artifact was made.
    pub(crate) async fn refer(&self, event: u128, id: ArtifactId) -> (EventStatus, Option<Error>) {
        let payload = json!({ "artifact_id": id.0, "text": "a picture of the garden" });
        let event = NewEvent {
            event_id: EventId(Uuid::from_u128(event)),
            space_id: self.space,
            event_type: "artifact_reference".to_owned(),
            occurred_at: self.clock.now(),
            person_id: None,
            payload: payload.as_object().unwrap().clone(),
        };
        let outcome = self.hub.events().append(&self.owner(), event).await.unwrap().remove(0);
        (outcome.status, outcome.problem)
    }

    pub(crate) async fn listed(&self) -> Vec<ArtifactId> {
        let page =
            self.hub.artifacts().list(&self.owner(), self.agent, PageRequest::default()).await.unwrap();
        page.items.iter().map(|artifact| artifact.artifact_id).collect()
    }

    pub(crate) async fn logged(&self, kind: &str) -> Vec<Value> {
        let page = PageRequest { limit: Some(500), cursor: None };
        let entries = self.hub.audit().entries(&Context::admin(), self.agent, page).await.unwrap().items;
        let entries = entries.iter().map(|entry| serde_json::from_str::<Value>(&entry.entry).unwrap());
        entries.filter(|entry| entry["kind"] == kind).collect()
    }

    /// Blobs, whole or not, that lie in the folder of artifacts.
    pub(crate) fn blobs(&self) -> Vec<PathBuf> {
        let folder = self.folder.path().join("artifacts");
        let files = if folder.exists() { files(&folder) } else { Vec::new() };
        files.into_iter().filter(|file| !file.ends_with("home")).collect()
    }

    /// Whether these bytes lie anywhere in the data folder.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        files(self.folder.path()).iter().any(|file| {
            let content = std::fs::read(file).unwrap_or_default();
            content.windows(bytes.len()).any(|part| part == bytes)
        })
    }

    /// Waits until no byte of an upload that was dropped is left.
    pub(crate) async fn empties(&self) {
        until("an empty folder of artifacts", async || self.blobs().is_empty()).await;
    }
}

async fn open(
    folder: &Path,
    clock: &Arc<ManualClock>,
    database: &FailingExecutor,
    roles: &[WorkerRole],
    settings: Settings,
) -> Hub {
    HubBuilder::in_folder(folder)
        .clock(clock.clone())
        .executor(Arc::new(database.clone()))
        .settings(settings)
        .workers(roles.to_vec())
        .open()
        .await
        .unwrap()
}

pub(crate) async fn hand_in(hub: &Hub, who: &Context, new: NewArtifact, bytes: &[u8]) -> Result<Artifact> {
    let mut upload = hub.artifacts().begin(who, new).await?;
    for piece in bytes.chunks(7_000) {
        if let Err(error) = upload.write(piece.to_vec().into()).await {
            upload.abort().await;
            return Err(error);
        }
    }
    upload.finish().await
}

pub(crate) async fn read(
    hub: &Hub,
    who: &Context,
    id: ArtifactId,
    range: Option<ByteRange>,
) -> Result<Vec<u8>> {
    let mut download = hub.artifacts().open(who, id, range).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = download.next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// Bytes that no other seed gives, and that are of no known type.
pub(crate) fn noise(seed: u8, length: usize) -> Vec<u8> {
    let mut state = u32::from(seed) + 1;
    let mut bytes = vec![0, seed];
    while bytes.len() < length {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes.push(u8::try_from(state >> 24).unwrap());
    }
    bytes
}

/// A recording: the head of a WAVE file, and noise.
pub(crate) fn sound(seed: u8, length: usize) -> Vec<u8> {
    let mut bytes = b"RIFF\xff\xff\0\0WAVEfmt ".to_vec();
    bytes.extend(noise(seed, length));
    bytes
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let entries = entries.map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T>) -> &'static str {
    answer.unwrap_err().code()
}

/// Waits for a condition, at most twenty seconds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..2_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not come true within 20 s");
}
