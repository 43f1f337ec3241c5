//! Waiting for an answer, from a thread of Python or from an event loop.

use crate::text::value;
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

/// Runs a future and has `done(succeeded, answer or problem)` told its outcome.
pub(crate) fn start<F>(runtime: &Handle, future: F, done: Py<PyAny>, teller: &Teller) -> Pending
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let teller = teller.clone();
    let task = runtime.spawn(async move {
        let outcome = future.await;
        teller.tell(done, outcome);
    });
    Pending(task.abort_handle())
}

/// Whom to tell, and what.
type Told = (Py<PyAny>, Outcome);

/// A thread that tells Python the outcomes of one hub's calls: it may wait for the GIL, which the hub's own threads do
/// not while there is work. It ends with the last of these.
#[derive(Debug, Clone)]
pub(crate) struct Teller(mpsc::Sender<Told>);

impl Teller {
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start() -> std::io::Result<Self> {
        let (sender, told) = mpsc::channel::<Told>();
        std::thread::Builder::new().name("hub tells".to_owned()).spawn(move || {
            while let Ok(first) = told.recv() {
                Python::attach(|py| {
                    // Whatever else has ended meanwhile goes along.
                    for (done, outcome) in std::iter::once(first).chain(told.try_iter()) {
                        tell(py, &done, outcome);
                    }
                });
            }
        })?;
        Ok(Self(sender))
    }

    fn tell(&self, done: Py<PyAny>, outcome: Outcome) {
        // The thread is there for as long as anybody can send it something.
        let _told = self.0.send((done, outcome));
    }
}

/// Tells `done(succeeded, answer or problem)` an outcome.
fn tell(py: Python<'_>, done: &Py<PyAny>, outcome: Outcome) {
    let (succeeded, text) = match outcome {
        Ok(text) => (true, text),
        Err(text) => (false, text),
    };
    let told = value(py, &text).and_then(|value| done.call1(py, (succeeded, value)));
    if let Err(raised) = told {
        // The loop was closed while the call was under way: nobody is left to be told.
        raised.write_unraisable(py, None);
    }
}
