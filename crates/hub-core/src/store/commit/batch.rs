//! What a commit is made of: operations, and events with who waits for their outcomes.

use crate::events::EventOutcome;
use crate::events::ingest::Submission;
use crate::store::reach::Reach;
use crate::store::tx::Tx;
use crate::{Error, Result};
use futures_util::future::BoxFuture;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;
use tracing::{Instrument as _, Span};

/// Events that one commit carries at most.
const EVENTS_PER_COMMIT: usize = 2_000;
/// Operations that one commit carries at most.
const OPERATIONS_PER_COMMIT: usize = 256;

/// What waits for a commit.
pub(crate) enum Job {
    /// An operation of any kind.
    Operation(Operation),
    /// Events; those of one commit are written together.
    Ingest(Submission, Asker),
}

/// Who waits for the outcomes of his events.
pub(crate) type Asker = oneshot::Sender<Result<Vec<EventOutcome>>>;
pub(super) type Answer = Box<dyn FnOnce(Result<()>) + Send>;
pub(super) type Run = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, (Answer, Result<()>)> + Send>;

/// An operation whose answer waits for the commit.
pub(crate) struct Operation {
    pub(crate) reach: Reach,
    pub(super) run: Run,
    refuse: Box<dyn FnOnce(Error) + Send>,
}

impl Operation {
    pub(crate) fn new<T, F>(reach: Reach, operation: F, answer: oneshot::Sender<Result<T>>) -> Self
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        // One channel, two ways to answer: after a run, or instead of one.
        let asker = Arc::new(Mutex::new(Some(answer)));
        let instead = asker.clone();
        // It runs in the task that commits, and is a part of what asked for it.
        let span = Span::current();
        let run: Run = Box::new(move |tx| {
            Box::pin(async move {
                let outcome = operation(tx).instrument(span).await;
                let went = outcome.as_ref().map(|_| ()).map_err(Clone::clone);
                let reply: Answer = Box::new(move |committed: Result<()>| {
                    reply(&asker, outcome.and_then(|value| committed.map(|()| value)));
                });
                (reply, went)
            })
        });
        Self { reach, run, refuse: Box::new(move |error| reply(&instead, Err(error))) }
    }

    /// Answers without having run.
    pub(super) fn refuse(self, error: Error) -> Answer {
        Box::new(move |_| (self.refuse)(error))
    }
}

fn reply<T>(asker: &Mutex<Option<oneshot::Sender<Result<T>>>>, outcome: Result<T>) {
    let sender = asker.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(sender) = sender {
        let _gone = sender.send(outcome);
    }
}

/// What is committed together.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) operations: Vec<Operation>,
    pub(crate) submissions: Vec<Submission>,
    pub(crate) askers: Vec<Asker>,
    pub(crate) events: usize,
    pub(crate) jobs: usize,
}

impl Batch {
    pub(crate) fn add(&mut self, job: Job) {
        self.jobs += 1;
        match job {
            Job::Operation(operation) => self.operations.push(operation),
            Job::Ingest(submission, asker) => {
                self.events += submission.events.len();
                self.submissions.push(submission);
                self.askers.push(asker);
            }
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.events >= EVENTS_PER_COMMIT || self.operations.len() >= OPERATIONS_PER_COMMIT
    }

    /// The agents of a commit: exactly those of what it carries.
    pub(crate) fn reach(&self) -> Reach {
        let mut reach: Reach = self.submissions.iter().map(|submission| submission.agent).collect();
        self.operations.iter().for_each(|operation| reach.extend(&operation.reach));
        reach
    }
}
