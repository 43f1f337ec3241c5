//! The handle.

use crate::host::{BorderCode, BorderPlanner, BorderTool, Foreign};
use crate::jvm;
use crate::problem::BorderProblem;
use crate::stop::Stop;
use hub_bindings::operations::OPERATIONS;
use hub_bindings::{Begun, Embedded, Plugins, Problem};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

/// Threads of each hub.
const THREADS: usize = 2;

/// The hubs of this process, by key, for calls that come by a number.
static HUBS: Mutex<BTreeMap<u64, Weak<BorderHub>>> = Mutex::new(BTreeMap::new());
static LAST_KEY: AtomicU64 = AtomicU64::new(0);

/// An embedded hub with threads of its own.
#[derive(Debug, uniffi::Object)]
pub struct BorderHub {
    key: u64,
    open: Mutex<Option<Open>>,
}

fn hubs() -> MutexGuard<'static, BTreeMap<u64, Weak<BorderHub>>> {
    HUBS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What there is until the hub is shut down.
#[derive(Debug)]
struct Open {
    embedded: Embedded,
    threads: Threads,
}

/// A runtime that may be dropped anywhere: it waits for nobody.
#[derive(Debug)]
struct Threads(Option<Runtime>);

impl Threads {
    fn start() -> Result<Self, BorderProblem> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.on_thread_start(jvm::enter).on_thread_stop(jvm::leave);
        let runtime = builder.worker_threads(THREADS).thread_name("hub").enable_all().build();
        runtime.map(|runtime| Self(Some(runtime))).map_err(|_| BorderProblem::no_threads())
    }

    fn handle(&self) -> Result<Handle, BorderProblem> {
        self.0.as_ref().map(|runtime| runtime.handle().clone()).ok_or_else(BorderProblem::closed)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Ends a task when nobody waits for it any more.
struct Waiting(AbortHandle);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Opens a hub: options in JSON, tools, and a planner in place of the rules.
///
/// # Errors
/// As [`Embedded::open`].
#[uniffi::export]
pub async fn open_hub(
    options: String,
    tools: Vec<BorderTool>,
    planner: Option<BorderPlanner>,
) -> Result<Arc<BorderHub>, BorderProblem> {
    let threads = Threads::start()?;
    let mut plugins = Plugins::default();
    for BorderTool { manifest, code } in tools {
        plugins.tools.push((manifest, Arc::new(Foreign(code))));
    }
    plugins.planner = planner
        .map(|BorderPlanner { name, version, code }| (name, version, Arc::new(Foreign(code)) as Arc<_>));
    let task = threads.handle()?.spawn(async move { Embedded::open(&options, plugins).await });
    let _waiting = Waiting(task.abort_handle());
    let embedded = task.await.map_err(|_| BorderProblem::closed())??;
    Ok(BorderHub::new(Open { embedded, threads }))
}

/// The names of every operation.
#[uniffi::export]
#[must_use]
pub fn operations() -> Vec<String> {
    OPERATIONS.iter().map(|operation| operation.name.to_owned()).collect()
}

/// A new id of an event: a random UUID, in a fraction of the time that Swift takes for one.
#[uniffi::export]
#[must_use]
pub fn new_id() -> String {
    hub_bindings::new_id()
}

#[uniffi::export]
impl BorderHub {
    /// Runs an operation: request and answer are JSON. Dropping the future, or `stop`, ends the waiting.
    ///
    /// # Errors
    /// As [`Embedded::call`]; `stopping` after a shutdown, `cancelled` after a stop.
    pub async fn call(
        &self,
        operation: String,
        request: String,
        stop: Option<Arc<Stop>>,
    ) -> Result<String, BorderProblem> {
        let (waits, threads) = match self.begin(operation, request)? {
            (Begun::Ended(outcome), _) => return Ok(outcome?),
            (Begun::Waits(waits), threads) => (waits, threads),
        };
        let task = threads.spawn(waits);
        let _waiting = Waiting(task.abort_handle());
        let answered = async { Ok(task.await.map_err(|_| BorderProblem::closed())??) };
        match stop {
            None => answered.await,
            Some(stop) => tokio::select! {
                biased;
                outcome = answered => outcome,
                () = stop.asked() => Err(BorderProblem::cancelled()),
            },
        }
    }

    /// The number by which calls that do not go through UniFFI name this hub.
    pub fn key(&self) -> u64 {
        self.key
    }

    /// Registers another tool.
    ///
    /// # Errors
    /// As [`Embedded::register`].
    pub fn register(&self, manifest: String, code: Arc<dyn BorderCode>) -> Result<(), BorderProblem> {
        let (embedded, _) = self.demand()?;
        embedded.register(&manifest, Arc::new(Foreign(code))).map_err(|problem: Problem| problem.into())
    }

    /// Finishes what was accepted and closes the hub. Again, it does nothing. It goes on when nobody waits.
    pub async fn shutdown(&self) {
        let Some(Open { embedded, threads }) = self.take() else { return };
        let Ok(handle) = threads.handle() else { return };
        let (ended, end) = oneshot::channel();
        handle.spawn(async move {
            embedded.shutdown().await;
            drop(embedded);
            let _nobody_waits = ended.send(());
            drop(threads);
        });
        // Without an answer the task is gone, and the hub with it.
        let _gone = end.await;
    }
}

impl BorderHub {
    fn new(open: Open) -> Arc<Self> {
        let key = LAST_KEY.fetch_add(1, Ordering::Relaxed) + 1;
        let hub = Arc::new(Self { key, open: Mutex::new(Some(open)) });
        hubs().insert(key, Arc::downgrade(&hub));
        hub
    }

    /// The hub of a key; one that is gone was shut down.
    pub(crate) fn of_key(key: u64) -> Result<Arc<Self>, BorderProblem> {
        let hub = hubs().get(&key).and_then(Weak::upgrade);
        hub.ok_or_else(BorderProblem::closed)
    }

    /// Begins a call on the caller's thread.
    pub(crate) fn begin(&self, operation: String, request: String) -> Result<(Begun, Handle), BorderProblem> {
        let (embedded, threads) = self.demand()?;
        let begun = {
            let _within = threads.enter();
            embedded.begin(operation, request)
        };
        Ok((begun, threads))
    }

    /// Refuses a hub that was shut down.
    fn demand(&self) -> Result<(Embedded, Handle), BorderProblem> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let open = open.as_ref().ok_or_else(BorderProblem::closed)?;
        Ok((open.embedded.clone(), open.threads.handle()?))
    }

    fn take(&self) -> Option<Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for BorderHub {
    fn drop(&mut self) {
        hubs().remove(&self.key);
    }
}
