//! Tools and planners that are written in JavaScript.

use hub_bindings::{HostFailure, HostPlanner, HostTool};
use napi::Status;
use napi::bindgen_prelude::FnArgs;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue};
use napi_derive::napi;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;

type Answer = Result<String, HostFailure>;

/// Which run it is; a text and a reply when it begins, nothing when nobody waits for it any more.
type Run = FnArgs<(u32, Option<String>, Option<Reply>)>;

/// A function `(run, text, reply)`. It keeps no process alive: a hub that is open and idle may be left.
pub(crate) type NodeFunction = ThreadsafeFunction<Run, UnknownReturnValue, Run, Status, false, true>;

/// Takes the answer of a tool or a planner, once.
#[napi]
pub struct Reply(Mutex<Option<oneshot::Sender<Answer>>>);

#[napi]
impl Reply {
    /// It went well; `text` is JSON.
    #[napi]
    pub fn ok(&self, text: String) {
        self.answer(Ok(text));
    }

    /// It did not.
    #[napi]
    pub fn fail(&self, message: String, retryable: bool) {
        self.answer(Err(HostFailure { message, retryable }));
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

/// Code of the host, and how often it has run.
pub(crate) struct NodeCode {
    code: NodeFunction,
    runs: AtomicU32,
}

/// Ends a run when nobody waits for it any more.
struct Cancelling<'a>(Option<&'a NodeFunction>, u32);

impl Drop for Cancelling<'_> {
    fn drop(&mut self) {
        if let Some(code) = self.0 {
            let _gone = code.call((self.1, None, None).into(), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

impl NodeCode {
    pub(crate) fn new(code: NodeFunction) -> Self {
        Self { code, runs: AtomicU32::new(0) }
    }

    async fn run(&self, text: String) -> Answer {
        let (sender, answered) = oneshot::channel();
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let reply = Reply(Mutex::new(Some(sender)));
        let begun =
            self.code.call((run, Some(text), Some(reply)).into(), ThreadsafeFunctionCallMode::NonBlocking);
        if begun != Status::Ok {
            let message = "the thread that brought this code has ended".to_owned();
            return Err(HostFailure { message, retryable: true });
        }
        let mut cancelling = Cancelling(Some(&self.code), run);
        let answer = answered.await;
        cancelling.0 = None;
        answer.unwrap_or_else(|_| {
            Err(HostFailure { message: "the host gave no answer".to_owned(), retryable: false })
        })
    }
}

#[async_trait::async_trait]
impl HostTool for NodeCode {
    async fn run(&self, call: String) -> Answer {
        Self::run(self, call).await
    }
}

#[async_trait::async_trait]
impl HostPlanner for NodeCode {
    async fn plan(&self, window: String) -> Answer {
        Self::run(self, window).await
    }
}
