//! The handle.

use crate::host::PythonCode;
use crate::text;
use crate::waiting::{Outcome, Pending, Teller, start, wait};
use hub_bindings::operations::OPERATIONS;
use hub_bindings::{Begun, Embedded, Plugins, Problem};
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::{Handle, Runtime};

create_exception!(
    _native,
    NativeError,
    PyException,
    "A problem, in the shape of JSON; the package raises HubError for it."
);

/// Threads of each hub.
const THREADS: usize = 2;

/// A hub, and the process that opened it: threads do not live on in a child.
#[pyclass(frozen)]
#[derive(Debug)]
pub(crate) struct Hub {
    open: Mutex<Option<Open>>,
    process: u32,
}

/// What there is until the hub is shut down.
#[derive(Debug)]
struct Open {
    embedded: Embedded,
    runtime: Runtime,
    teller: Teller,
    _counted: Counted,
}

/// In which process hubs were opened, and how many are open there.
static PROCESS: AtomicU32 = AtomicU32::new(0);
static HUBS: AtomicUsize = AtomicUsize::new(0);

/// One open hub of this process.
#[derive(Debug)]
struct Counted;

impl Counted {
    /// Counts one more. Refuses it in a child that was forked while its parent had a hub open: threads of the parent,
    /// which are not in the child, may have held locks of SQLite then, and nobody will ever let go of those.
    fn another(py: Python<'_>) -> PyResult<Self> {
        let process = std::process::id();
        if PROCESS.swap(process, Ordering::SeqCst) != process && HUBS.load(Ordering::SeqCst) > 0 {
            PROCESS.store(0, Ordering::SeqCst);
            let message = "this process was forked while a hub was open; fork before, or start the process anew (spawn)";
            return Err(failed(py, "invalid", "forked", false, message));
        }
        HUBS.fetch_add(1, Ordering::SeqCst);
        Ok(Self)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        HUBS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A call that was started: its outcome, as `(succeeded, answer or problem)`, or what cancels it.
#[derive(IntoPyObject)]
enum Started<'py> {
    Ended((bool, Bound<'py, PyAny>)),
    Waits(Pending),
}

/// A tool or a planner with what it says of itself.
type Code = (String, Py<PyAny>);

/// The exception that carries a problem, which is written in JSON.
fn raised(py: Python<'_>, problem: &str) -> PyErr {
    match text::value(py, problem) {
        Ok(value) => NativeError::new_err(value.unbind()),
        Err(unreadable) => unreadable,
    }
}

fn failed(py: Python<'_>, kind: &str, code: &str, retryable: bool, message: &str) -> PyErr {
    let text = format!(
        r#"{{"kind":"{kind}","code":"{code}","message":"{message}","retryable":{retryable},"context":{{}}}}"#
    );
    raised(py, &text)
}

/// What the core says of itself when it has stopped; here nobody is left to ask it.
fn closed(py: Python<'_>) -> PyErr {
    failed(py, "unavailable", "stopping", true, "the hub was shut down")
}

#[pymethods]
impl Hub {
    /// Opens a hub: options in JSON, tools with their manifests in JSON, and a planner with name, version.
    #[staticmethod]
    fn open(
        py: Python<'_>,
        options: String,
        tools: Vec<Code>,
        planner: Option<(String, String, Py<PyAny>)>,
    ) -> PyResult<Self> {
        let counted = Counted::another(py)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("hub")
            .enable_all()
            .build()?;
        let teller = Teller::start()?;
        let mut plugins = Plugins::default();
        for (manifest, code) in tools {
            plugins.tools.push((manifest, Arc::new(PythonCode(code))));
        }
        plugins.planner =
            planner.map(|(name, version, code)| (name, version, Arc::new(PythonCode(code)) as Arc<_>));
        let opened = py.detach(|| runtime.block_on(Embedded::open(&options, plugins)));
        let embedded = opened.map_err(|problem| raised(py, &problem.to_json()))?;
        let open = Open { embedded, runtime, teller, _counted: counted };
        Ok(Self { open: Mutex::new(Some(open)), process: std::process::id() })
    }

    /// Runs an operation for a caller, whom `caller` says in JSON, and waits for its answer.
    fn call<'py>(
        &self,
        py: Python<'py>,
        operation: String,
        caller: &str,
        arguments: Option<&Bound<'py, PyDict>>,
        page: Option<&Bound<'py, PyDict>>,
        body: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let request = text::request(caller, arguments, page, body)?;
        let (embedded, threads, _) = self.demand(py)?;
        let ended = match begin(py, &embedded, &threads, operation, request) {
            Begun::Ended(outcome) => Some(outcome.map_err(|problem| problem.to_json())),
            Begun::Waits(call) => wait(py, &threads, told(call))?,
        };
        match ended {
            Some(Ok(answer)) => text::value(py, &answer),
            Some(Err(problem)) => Err(raised(py, &problem)),
            None => Err(closed(py)),
        }
    }

    /// Runs an operation. What needs no waiting is answered at once, as `(succeeded, answer or problem)`; for anything
    /// else `done(succeeded, answer or problem)` is called, from a thread of its own.
    #[expect(clippy::too_many_arguments, reason = "those of `call`, and whom to tell")]
    fn start<'py>(
        &self,
        py: Python<'py>,
        operation: String,
        caller: &str,
        arguments: Option<&Bound<'py, PyDict>>,
        page: Option<&Bound<'py, PyDict>>,
        body: Option<&Bound<'py, PyAny>>,
        done: Py<PyAny>,
    ) -> PyResult<Started<'py>> {
        let request = text::request(caller, arguments, page, body)?;
        let (embedded, threads, teller) = self.demand(py)?;
        Ok(match begin(py, &embedded, &threads, operation, request) {
            Begun::Ended(Ok(answer)) => Started::Ended((true, text::value(py, &answer)?)),
            Begun::Ended(Err(problem)) => Started::Ended((false, text::value(py, &problem.to_json())?)),
            Begun::Waits(call) => Started::Waits(start(&threads, told(call), done, &teller)),
        })
    }

    /// Registers another tool.
    fn register(&self, py: Python<'_>, manifest: &str, code: Py<PyAny>) -> PyResult<()> {
        let (embedded, ..) = self.demand(py)?;
        let registered = embedded.register(manifest, Arc::new(PythonCode(code)));
        registered.map_err(|problem| raised(py, &problem.to_json()))
    }

    /// Finishes what was accepted and closes the hub. Again, it does nothing.
    fn shutdown(&self, py: Python<'_>) -> PyResult<()> {
        if self.process != std::process::id() {
            return Ok(());
        }
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Open { embedded, runtime, teller: _, _counted }) = open else { return Ok(()) };
        let ended = wait(py, runtime.handle(), async move {
            embedded.shutdown().await;
            Ok(String::new())
        });
        runtime.shutdown_background();
        ended.map(|_| ())
    }
}

impl Hub {
    /// Refuses a hub that was opened by a parent of this process, and one that was shut down.
    fn demand(&self, py: Python<'_>) -> PyResult<(Embedded, Handle, Teller)> {
        if self.process != std::process::id() {
            let message =
                "this hub was opened before the fork; fork first, or start the process anew (spawn)";
            return Err(failed(py, "invalid", "forked", false, message));
        }
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let open = open.as_ref().ok_or_else(|| closed(py))?;
        Ok((open.embedded.clone(), open.runtime.handle().clone(), open.teller.clone()))
    }
}

/// Begins a call while other threads of Python go on.
fn begin(py: Python<'_>, embedded: &Embedded, threads: &Handle, operation: String, request: String) -> Begun {
    py.detach(|| {
        let _within = threads.enter();
        embedded.begin(operation, request)
    })
}

async fn told(call: impl Future<Output = Result<String, Problem>>) -> Outcome {
    call.await.map_err(|problem| problem.to_json())
}

impl Drop for Hub {
    fn drop(&mut self) {
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let Some(open) = open else { return };
        if self.process == std::process::id() {
            open.runtime.shutdown_background();
        } else {
            // Its threads are the parent's.
            std::mem::forget(open);
        }
    }
}

/// The names of every operation.
#[pyfunction]
pub(crate) fn operations() -> Vec<&'static str> {
    OPERATIONS.iter().map(|operation| operation.name).collect()
}
