//! Waiting for an answer, from a thread of Python or from an event loop.

use pyo3::prelude::*;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// An answer or a problem, as JSON.
pub(crate) type Outcome = Result<String, String>;

/// How often a thread that waits looks whether somebody has pressed Ctrl-C.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A call that is under way. Cancelling it ends the waiting: what was handed to the writer is still
/// written.
#[pyclass(frozen)]
#[derive(Debug)]
pub(crate) struct Pending(AbortHandle);

#[pymethods]
impl Pending {
    /// Ends the waiting.
    fn cancel(&self) {
        self.0.abort();
    }
}

/// Runs a future to its end while other threads of Python go on. `None` when it ended without an answer.
///
/// # Errors
/// What a signal's handler raises, such as `KeyboardInterrupt`.
pub(crate) fn wait<F>(py: Python<'_>, runtime: &Handle, future: F) -> PyResult<Option<Outcome>>
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let (answer, mut answered) = mpsc::sync_channel(1);
    let task = runtime.spawn(async move {
        let _nobody_waits = answer.send(future.await);
    });
    loop {
        let looked;
        (answered, looked) = py.detach(move || {
            let looked = answered.recv_timeout(LOOK_EVERY);
            (answered, looked)
        });
        match looked {
            Ok(outcome) => return Ok(Some(outcome)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {
                if let Err(raised) = py.check_signals() {
                    task.abort();
                    return Err(raised);
                }
            }
        }
    }
}

/// Runs a future and tells `done(succeeded, text)` its outcome, from a thread of the hub.
pub(crate) fn start<F>(runtime: &Handle, future: F, done: Py<PyAny>) -> Pending
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let task = runtime.spawn(async move {
        let outcome = future.await;
        Python::attach(|py| tell(py, &done, outcome));
    });
    Pending(task.abort_handle())
}

/// Tells `done(succeeded, text)` an outcome.
fn tell(py: Python<'_>, done: &Py<PyAny>, outcome: Outcome) {
    let (succeeded, text) = match outcome {
        Ok(text) => (true, text),
        Err(text) => (false, text),
    };
    if let Err(raised) = done.call1(py, (succeeded, text)) {
        // The loop was closed while the call was under way: nobody is left to be told.
        raised.write_unraisable(py, None);
    }
}
