//! The handle.

use crate::host::{NodeCode, NodeFunction};
use crate::waiting::{Callback, Done, Outcome, Pending, closed};
use hub_bindings::operations::OPERATIONS;
use hub_bindings::{Embedded, Plugins};
use napi_derive::napi;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Threads of each hub.
const THREADS: usize = 2;
/// How long its threads may take to end once everything has been written.
const TO_END: Duration = Duration::from_secs(2);

/// A hub: its plugins are given first, then it is opened.
#[napi]
pub struct Hub {
    plugins: Mutex<Plugins>,
    open: Mutex<Option<Open>>,
}

/// What there is until the hub is shut down.
struct Open {
    runtime: Runtime,
    embedded: Arc<OnceLock<Embedded>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[napi]
impl Hub {
    /// A hub that is not open yet, with its threads.
    ///
    /// # Errors
    /// When the system gives no threads.
    #[napi(constructor)]
    pub fn new() -> napi::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("hub")
            .enable_all()
            .build()
            .map_err(|error| napi::Error::from_reason(error.to_string()))?;
        let open = Open { runtime, embedded: Arc::default() };
        Ok(Self { plugins: Mutex::default(), open: Mutex::new(Some(open)) })
    }

    /// Brings a tool along, with its manifest in JSON.
    #[napi]
    pub fn tool(&self, manifest: String, code: NodeFunction) {
        locked(&self.plugins).tools.push((manifest, Arc::new(NodeCode::new(code))));
    }

    /// Brings a planner along.
    #[napi]
    pub fn planner(&self, name: String, version: String, code: NodeFunction) {
        locked(&self.plugins).planner = Some((name, version, Arc::new(NodeCode::new(code))));
    }

    /// Opens it. Options are JSON.
    #[napi]
    pub fn open(&self, options: String, done: Callback) {
        let done = Done::new(done);
        let plugins = std::mem::take(&mut *locked(&self.plugins));
        let open = locked(&self.open);
        let Some(Open { runtime, embedded }) = open.as_ref() else { return };
        let embedded = embedded.clone();
        runtime.spawn(async move {
            done.settle(match Embedded::open(&options, plugins).await {
                Ok(opened) => {
                    let _first = embedded.set(opened);
                    Ok("null".to_owned())
                }
                Err(problem) => Err(problem.to_json()),
            });
        });
    }

    /// Runs an operation; nothing comes back when the hub is not open, and `done` is told so.
    #[napi]
    pub fn start(&self, operation: String, request: String, done: Callback) -> Option<Pending> {
        let done = Done::new(done);
        let open = locked(&self.open);
        let Open { runtime, embedded } = open.as_ref()?;
        let embedded = embedded.get()?.clone();
        let task = runtime.spawn(async move {
            done.settle(running(&embedded, &operation, &request).await);
        });
        Some(Pending::new(task.abort_handle()))
    }

    /// Registers another tool; answers the problem when it is refused.
    #[napi]
    pub fn register(&self, manifest: String, code: NodeFunction) -> Option<String> {
        let embedded = locked(&self.open).as_ref().and_then(|open| open.embedded.get().cloned());
        let Some(embedded) = embedded else { return Some(closed()) };
        let registered = embedded.register(&manifest, Arc::new(NodeCode::new(code)));
        registered.err().map(|problem| problem.to_json())
    }

    /// Finishes what was accepted, closes the hub and ends its threads. Again, it does nothing.
    #[napi]
    pub fn shutdown(&self, done: Callback) {
        let done = Done::new(done);
        let Some(Open { runtime, embedded }) = locked(&self.open).take() else {
            done.settle(Ok("null".to_owned()));
            return;
        };
        // Neither the thread of JavaScript nor one of the hub's own may wait for the hub's threads. Where the
        // system gives no thread, what was moved there is dropped, which stops the hub as well.
        let _unstarted = thread::Builder::new().name("hub ends".to_owned()).spawn(move || {
            if let Some(embedded) = embedded.get() {
                runtime.block_on(embedded.shutdown());
            }
            drop(embedded);
            runtime.shutdown_timeout(TO_END);
            done.settle(Ok("null".to_owned()));
        });
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // Nobody can call it any more. Its work is taken up by whoever opens the folder next.
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(open) = open {
            open.runtime.shutdown_background();
        }
    }
}

async fn running(embedded: &Embedded, operation: &str, request: &str) -> Outcome {
    embedded.call(operation, request).await.map_err(|problem| problem.to_json())
}

/// The names of every operation.
#[napi]
pub fn operations() -> Vec<&'static str> {
    OPERATIONS.iter().map(|operation| operation.name).collect()
}
