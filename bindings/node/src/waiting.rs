//! Telling JavaScript what came of a call.

use napi::Status;
use napi::bindgen_prelude::FnArgs;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue};
use napi_derive::napi;
use tokio::task::AbortHandle;

/// An answer or a problem, as JSON.
pub(crate) type Outcome = Result<String, String>;

type Told = FnArgs<(bool, String)>;

/// A function `(succeeded, text)`. While one is held the process does not end by itself: somebody waits.
pub(crate) type Callback = ThreadsafeFunction<Told, UnknownReturnValue, Told, Status, false>;

/// Tells one outcome. Dropped before there is any, it says that the hub has stopped: a promise always
/// settles.
pub(crate) struct Done(Option<Callback>);

impl Done {
    pub(crate) fn new(callback: Callback) -> Self {
        Self(Some(callback))
    }

    /// Tells it, from whatever thread.
    pub(crate) fn settle(mut self, outcome: Outcome) {
        self.tell(outcome);
    }

    fn tell(&mut self, outcome: Outcome) {
        let Some(callback) = self.0.take() else { return };
        let told = match outcome {
            Ok(text) => (true, text),
            Err(text) => (false, text),
        };
        // Where the thread of JavaScript has ended, nobody is left to be told.
        let _gone = callback.call(told.into(), ThreadsafeFunctionCallMode::NonBlocking);
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
