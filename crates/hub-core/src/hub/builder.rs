//! Builds a hub from settings and components. Without any, it is the embedded hub.

use super::Hub;
use super::inner::Inner;
use super::tokens::KnownTokens;
use super::workers::{WorkerRole, Workers};
use crate::Result;
use crate::artifacts::{BlobStore, FolderBlobs};
use crate::clock::{Clock, SystemClock};
use crate::entropy::{Entropy, Ids, SystemEntropy};
use crate::folder::DataFolder;
use crate::observe::{Observer, Unobserved};
use crate::planner::{Planner, RulesPlanner};
use crate::settings::Settings;
use crate::store::{Executor, SqliteExecutor, Store, migrate};
use crate::tools::{self, Tool, ToolRegistry};
use crate::trace::{Traces, Untraced};
use hub_protocol::vocabulary::PlannerKind;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// Builds a hub.
#[derive(Debug)]
pub struct HubBuilder {
    folder: PathBuf,
    holder: String,
    settings: Settings,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    ids: Arc<dyn Ids>,
    observer: Arc<dyn Observer>,
    executor: Option<Arc<dyn Executor>>,
    planners: HashMap<PlannerKind, Arc<dyn Planner>>,
    tools: Vec<Arc<dyn Tool>>,
    blobs: Option<Arc<dyn BlobStore>>,
    traces: Arc<dyn Traces>,
    roles: Vec<WorkerRole>,
}

impl HubBuilder {
    /// A hub that keeps its data in this folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            holder: format!("process {}", std::process::id()),
            settings: Settings::default(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            ids: Arc::new(SystemEntropy),
            observer: Arc::new(Unobserved),
            executor: None,
            planners: HashMap::new(),
            tools: Vec::new(),
            blobs: None,
            traces: Arc::new(Untraced),
            roles: WorkerRole::ALL.to_vec(),
        }
    }

    /// What the folder's lock tells another process that wants it.
    #[must_use]
    pub fn holder(mut self, holder: impl Into<String>) -> Self {
        self.holder = holder.into();
        self
    }

    /// Settings instead of the defaults.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// A clock instead of the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// A source of randomness instead of the machine's.
    #[must_use]
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// A source of identifiers instead of UUIDv7.
    #[must_use]
    pub fn ids(mut self, ids: Arc<dyn Ids>) -> Self {
        self.ids = ids;
        self
    }

    /// Somebody who watches counts and durations.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// Somebody who records spans, so that one trace goes on from an event to the action that comes of it,
    /// whichever process does what. Hubs on one database should all have one or none.
    #[must_use]
    pub fn traces(mut self, traces: Arc<dyn Traces>) -> Self {
        self.traces = traces;
        self
    }

    /// A database instead of SQLite in the folder.
    #[must_use]
    pub fn executor(mut self, executor: Arc<dyn Executor>) -> Self {
        self.executor = Some(executor);
        self
    }

    /// A planner for agents that ask for this kind. `rules` is there without asking.
    #[must_use]
    pub fn planner(mut self, kind: PlannerKind, planner: Arc<dyn Planner>) -> Self {
        self.planners.insert(kind, planner);
        self
    }

    /// A tool of the host program, beside the built-in ones.
    #[must_use]
    pub fn tool(mut self, tool: Arc<dyn Tool>) -> Self {
        self.tools.push(tool);
        self
    }

    /// Where the bytes of artifacts are kept; by default in `artifacts` in the data folder. Hubs on one
    /// database need one place.
    #[must_use]
    pub fn artifacts(mut self, blobs: Arc<dyn BlobStore>) -> Self {
        self.blobs = Some(blobs);
        self
    }

    /// Which workers run in this process; by default all of them.
    #[must_use]
    pub fn workers(mut self, roles: Vec<WorkerRole>) -> Self {
        self.roles = roles;
        self
    }

    /// Takes the folder, opens the database, brings it to this program's schema and starts the
    /// workers.
    ///
    /// # Errors
    /// `conflict` when another process holds the folder or the database is newer than the program;
    /// `unavailable` when folder or database cannot be opened; `invalid` when a tool is malformed
    /// or registered twice.
    pub async fn open(self) -> Result<Hub> {
        let folder = DataFolder::open(&self.folder, &self.holder)?;
        let executor: Arc<dyn Executor> = match self.executor {
            Some(executor) => executor,
            None => Arc::new(SqliteExecutor::open(&folder.database()).await?),
        };
        migrate::migrate(executor.as_ref(), executor.dialect().migrations(), self.clock.now()).await?;
        executor.check().await?;
        let sources =
            crate::store::Sources { entropy: self.entropy, ids: self.ids, traces: self.traces.clone() };
        let blobs = self.blobs.unwrap_or_else(|| Arc::new(FolderBlobs::new(&folder.artifacts())));
        let store = Store::start(executor, self.clock.clone(), sources, self.observer.clone(), blobs.clone());
        let registry = ToolRegistry::default();
        for tool in tools::built_in(&store)?.into_iter().chain(self.tools) {
            registry.register(tool)?;
        }
        let mut planners = self.planners;
        if let Entry::Vacant(place) = planners.entry(PlannerKind::Rules) {
            place.insert(Arc::new(RulesPlanner::built_in()?));
        }
        let uploads = self.settings.artifact_uploads.clamp(1, Semaphore::MAX_PERMITS);
        let inner = Arc::new(Inner {
            store,
            settings: self.settings,
            clock: self.clock,
            observer: self.observer,
            planners,
            tools: Arc::new(registry),
            known_tokens: KnownTokens::default(),
            folder: Mutex::new(Some(folder)),
            noted: Mutex::new(Vec::new()),
            noted_at: AtomicI64::new(0),
            blobs,
            uploads: Arc::new(Semaphore::new(uploads)),
            swept_at: AtomicI64::new(0),
        });
        let workers = Workers::start(inner.clone(), self.roles);
        Ok(Hub { inner, workers: Arc::new(Mutex::new(Some(workers))) })
    }
}
