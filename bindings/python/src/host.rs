//! Tools and planners that are written in Python.

use hub_bindings::{HostFailure, HostPlanner, HostTool};
use pyo3::prelude::*;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;

type Answer = Result<String, HostFailure>;

/// Takes the answer of a tool or a planner, once.
#[pyclass(frozen)]
#[derive(Debug)]
pub(crate) struct Reply(Mutex<Option<oneshot::Sender<Answer>>>);

#[pymethods]
impl Reply {
    /// It went well; `text` is JSON.
    fn ok(&self, text: String) {
        self.answer(Ok(text));
    }

    /// It did not.
    fn fail(&self, message: String, retryable: bool) {
        self.answer(Err(HostFailure { message, retryable }));
    }

    /// Whether nobody waits any more: the time is over, or the hub stops.
    fn is_gone(&self) -> bool {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sender.as_ref().is_none_or(oneshot::Sender::is_closed)
    }
}

impl Reply {
    fn answer(&self, answer: Answer) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            let _gone = sender.send(answer);
        }
    }
}

/// A callable `(text, reply)` that begins the work and returns a callable that ends it early.
pub(crate) struct PythonCode(pub(crate) Py<PyAny>);

impl fmt::Debug for PythonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PythonCode")
    }
}

/// Ends the work when nobody waits for it any more.
struct Cancelling(Option<Py<PyAny>>);

impl Drop for Cancelling {
    fn drop(&mut self) {
        let Some(cancel) = self.0.take() else { return };
        Python::attach(|py| {
            if let Err(raised) = cancel.call0(py) {
                raised.write_unraisable(py, None);
            }
        });
    }
}

impl PythonCode {
    async fn run(&self, text: String) -> Answer {
        let (sender, answered) = oneshot::channel();
        let begun = Python::attach(|py| {
            let reply = Py::new(py, Reply(Mutex::new(Some(sender))))?;
            self.0.call1(py, (text, reply))
        });
        let mut cancelling = match begun {
            Ok(cancel) => Cancelling(Some(cancel)),
            Err(raised) => return Err(HostFailure { message: raised.to_string(), retryable: false }),
        };
        let answer = answered.await;
        cancelling.0 = None;
        answer.unwrap_or_else(|_| {
            Err(HostFailure { message: "the host gave no answer".to_owned(), retryable: false })
        })
    }
}

#[async_trait::async_trait]
impl HostTool for PythonCode {
    async fn run(&self, call: String) -> Answer {
        Self::run(self, call).await
    }
}

#[async_trait::async_trait]
impl HostPlanner for PythonCode {
    async fn plan(&self, window: String) -> Answer {
        self.run(window).await
    }
}
