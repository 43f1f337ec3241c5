//! Telling JavaScript what came of a call.

use napi::Status;
use napi::bindgen_prelude::FnArgs;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue};
use napi_derive::napi;
use std::sync::Arc;
use tokio::task::AbortHandle;

/// An answer or a problem, as JSON.
pub(crate) type Outcome = Result<String, String>;

/// Number of the call, whether it succeeded, and the text.
type Told = FnArgs<(u32, bool, String)>;

/// A function `(call, succeeded, text)`, one for each hub. It keeps no process alive: the package does, while calls
/// are under way.
pub(crate) type Callback = ThreadsafeFunction<Told, UnknownReturnValue, Told, Status, false, true>;

/// Tells the outcome of one call. Dropped before there is any, it says that the hub has stopped: a promise always
/// settles.
pub(crate) struct Done {
    call: u32,
    callback: Option<Arc<Callback>>,
}

impl Done {
    pub(crate) fn new(call: u32, callback: &Arc<Callback>) -> Self {
        Self { call, callback: Some(callback.clone()) }
    }

    /// Tells it, from whatever thread.
    pub(crate) fn settle(mut self, outcome: Outcome) {
        self.tell(outcome);
    }

    fn tell(&mut self, outcome: Outcome) {
        let Some(callback) = self.callback.take() else { return };
        let (succeeded, text) = match outcome {
            Ok(text) => (true, text),
            Err(text) => (false, text),
        };
        let told = (self.call, succeeded, text).into();
        // Where the thread of JavaScript has ended, nobody is left to be told.
        let _gone = callback.call(told, ThreadsafeFunctionCallMode::NonBlocking);
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() { broken() } else { closed() };
        self.tell(Err(outcome));
    }
}

/// What the core says of itself when it has stopped; here nobody is left to ask it.
pub(crate) fn closed() -> String {
    problem("unavailable", "stopping", true, "the hub was shut down")
}

fn broken() -> String {
    problem("internal", "internal", false, "the hub failed inside")
}

/// A problem that arises on this side of the border. `message` needs no escaping.
fn problem(kind: &str, code: &str, retryable: bool, message: &str) -> String {
    format!(
        r#"{{"kind":"{kind}","code":"{code}","message":"{message}","retryable":{retryable},"context":{{}}}}"#
    )
}

/// A call that needed no waiting.
#[napi(object, object_from_js = false)]
pub struct Ended {
    /// Whether `text` is an answer.
    pub succeeded: bool,
    /// An answer or a problem, as JSON.
    pub text: String,
}

impl Ended {
    pub(crate) fn new(outcome: Outcome) -> Self {
        match outcome {
            Ok(text) => Self { succeeded: true, text },
            Err(text) => Self { succeeded: false, text },
        }
    }
}

/// A call that is under way.
#[napi]
pub struct Pending(AbortHandle);

#[napi]
impl Pending {
    /// Ends the waiting: what was handed to the writer is still written.
    #[napi]
    pub fn cancel(&self) {
        self.0.abort();
    }
}

impl Pending {
    pub(crate) fn new(task: AbortHandle) -> Self {
        Self(task)
    }
}
