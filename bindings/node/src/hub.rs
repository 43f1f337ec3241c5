//! The handle.

use crate::host::{NodeCode, NodeFunction};
use crate::waiting::{Callback, Done, Ended, Pending, closed};
use hub_bindings::operations::OPERATIONS;
use hub_bindings::{Begun, Embedded, Plugins};
use napi::Either;
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
    callback: Arc<Callback>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[napi]
impl Hub {
    /// A hub that is not open yet, with its threads. `callback` is told what comes of its calls.
    ///
    /// # Errors
    /// When the system gives no threads.
    #[napi(constructor)]
    pub fn new(callback: Callback) -> napi::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("hub")
            .enable_all()
            .build()
            .map_err(|error| napi::Error::from_reason(error.to_string()))?;
        let open = Open { runtime, embedded: Arc::default(), callback: Arc::new(callback) };
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

    /// Opens it, as call number `call`. Options are JSON.
    #[napi]
    pub fn open(&self, call: u32, options: String) {
        let plugins = std::mem::take(&mut *locked(&self.plugins));
        let open = locked(&self.open);
        let Some(Open { runtime, embedded, callback }) = open.as_ref() else { return };
        let (embedded, done) = (embedded.clone(), Done::new(call, callback));
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

    /// Runs an operation, as call number `call` where it has to wait.
    #[napi]
    pub fn start(&self, call: u32, operation: String, request: String) -> Either<Ended, Pending> {
        let open = locked(&self.open);
        let open = open.as_ref().and_then(|open| Some((open, open.embedded.get()?)));
        let Some((Open { runtime, callback, .. }, embedded)) = open else {
            return Either::A(Ended::new(Err(closed())));
        };
        let _within = runtime.enter();
        match embedded.begin(operation, request) {
            Begun::Ended(outcome) => Either::A(Ended::new(outcome.map_err(|problem| problem.to_json()))),
            Begun::Waits(waits) => {
                let done = Done::new(call, callback);
                let task = runtime.spawn(async move {
                    done.settle(waits.await.map_err(|problem| problem.to_json()));
                });
                Either::B(Pending::new(task.abort_handle()))
            }
        }
    }

    /// Registers another tool; answers the problem when it is refused.
    #[napi]
    pub fn register(&self, manifest: String, code: NodeFunction) -> Option<String> {
        let embedded = locked(&self.open).as_ref().and_then(|open| open.embedded.get().cloned());
        let Some(embedded) = embedded else { return Some(closed()) };
        let registered = embedded.register(&manifest, Arc::new(NodeCode::new(code)));
        registered.err().map(|problem| problem.to_json())
    }

    /// Finishes what was accepted, closes the hub and ends its threads, as call number `call`. Again, it does
    /// nothing, and answers that.
    #[napi]
    pub fn shutdown(&self, call: u32) -> bool {
        let Some(Open { runtime, embedded, callback }) = locked(&self.open).take() else { return false };
        let done = Done::new(call, &callback);
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
        true
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

/// A new id of an event.
#[napi]
pub fn new_id() -> String {
    hub_bindings::new_id()
}

/// The names of every operation.
#[napi]
pub fn operations() -> Vec<&'static str> {
    OPERATIONS.iter().map(|operation| operation.name).collect()
}
