//! What a commit is made of: operations, and events with who waits for their outcomes.

use crate::events::EventOutcome;
use crate::events::ingest::Submission;
use crate::store::reach::Reach;
use crate::store::tx::Tx;
use crate::{Error, Result};
use futures_util::future::BoxFuture;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};
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
    /// The last job: the writer ends after it.
    Stop(oneshot::Sender<()>),
}

/// Who waits for the outcomes of his events.
pub(super) type Asker = oneshot::Sender<Result<Vec<EventOutcome>>>;
pub(super) type Answer = Box<dyn FnOnce(Result<()>) + Send>;
pub(super) type Run = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, (Answer, Result<()>)> + Send>;

/// An operation whose answer waits for the commit.
pub(crate) struct Operation {
    pub(super) reach: Reach,
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
pub(super) struct Batch {
    pub(super) operations: Vec<Operation>,
    pub(super) submissions: Vec<Submission>,
    pub(super) askers: Vec<Asker>,
    pub(super) events: usize,
    pub(super) jobs: usize,
    pub(super) stop: Option<oneshot::Sender<()>>,
    /// Taken, and not a part of it.
    pub(super) left_over: Option<Job>,
}

impl Batch {
    pub(super) fn add(&mut self, job: Job) {
        self.jobs += 1;
        match job {
            Job::Operation(operation) => self.operations.push(operation),
            Job::Ingest(submission, asker) => {
                self.events += submission.events.len();
                self.submissions.push(submission);
                self.askers.push(asker);
            }
            Job::Stop(answer) => self.stop = Some(answer),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.events >= EVENTS_PER_COMMIT
            || self.operations.len() >= OPERATIONS_PER_COMMIT
            || self.stop.is_some()
    }

    /// The agents of a commit: exactly those of what it carries.
    pub(super) fn reach(&self) -> Reach {
        let mut reach: Reach = self.submissions.iter().map(|submission| submission.agent).collect();
        self.operations.iter().for_each(|operation| reach.extend(&operation.reach));
        reach
    }

    /// Takes more events of the agents that it has the turn of, in the order in which they came: until
    /// something else comes, which is left over.
    pub(super) fn admit(&mut self, waiting: &mut mpsc::Receiver<Job>, reach: &Reach) {
        while self.left_over.is_none() && !self.is_full() {
            match waiting.try_recv() {
                Ok(Job::Ingest(submission, asker)) if reach.has(submission.agent) => {
                    self.add(Job::Ingest(submission, asker));
                }
                Ok(job) => self.left_over = Some(job),
                Err(_) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{Principal, Scoped, scoped_by_hub};
    use crate::ids::AgentId;
    use std::time::Duration;
    use uuid::Uuid;

    fn agent(number: u128) -> Scoped {
        scoped_by_hub(AgentId(Uuid::from_u128(number)))
    }

    fn events(agent: Scoped) -> Job {
        let submission = Submission {
            agent,
            principal: Principal::Admin,
            events: Vec::new(),
            clock_error: Duration::ZERO,
            pace: crate::planner::Pace::default(),
            trace: None,
        };
        Job::Ingest(submission, oneshot::channel().0)
    }

    fn operation(agent: Scoped) -> Job {
        let nothing = Operation::new(agent.into(), |_| Box::pin(async { Ok(()) }), oneshot::channel().0);
        Job::Operation(nothing)
    }

    /// What a batch that has the turn of agent 1 takes of these jobs: how many, what is left over of
    /// them, and how many still wait.
    fn admitted(jobs: Vec<Job>) -> (usize, Option<Job>, usize) {
        let (sender, mut waiting) = mpsc::channel(16);
        for job in jobs {
            assert!(sender.try_send(job).is_ok());
        }
        let mut batch = Batch::default();
        batch.add(events(agent(1)));
        let reach = batch.reach();
        batch.admit(&mut waiting, &reach);
        assert_eq!(batch.reach(), reach);
        assert_eq!(batch.submissions.len(), batch.askers.len());
        // A second time, as after a conflict, it takes nothing past what is left over.
        let before = batch.submissions.len();
        if batch.left_over.is_some() {
            batch.admit(&mut waiting, &reach);
            assert_eq!(batch.submissions.len(), before);
        }
        (before - 1, batch.left_over, waiting.len())
    }

    #[test]
    fn events_of_the_agents_whose_turn_it_is_are_taken() {
        let (taken, left_over, wait) = admitted(vec![events(agent(1)), events(agent(1))]);
        assert_eq!((taken, left_over.is_none(), wait), (2, true, 0));
    }

    #[test]
    fn anything_else_is_left_over_and_stays_before_what_came_after_it() {
        let (taken, left_over, wait) = admitted(vec![events(agent(1)), events(agent(2)), events(agent(1))]);
        assert!(matches!(left_over, Some(Job::Ingest(submission, _)) if submission.agent == agent(2)));
        assert_eq!((taken, wait), (1, 1));

        let (taken, left_over, wait) = admitted(vec![operation(agent(1)), events(agent(1))]);
        assert!(matches!(left_over, Some(Job::Operation(_))));
        assert_eq!((taken, wait), (0, 1));

        let (taken, left_over, wait) = admitted(vec![events(agent(1)), Job::Stop(oneshot::channel().0)]);
        assert!(matches!(left_over, Some(Job::Stop(_))));
        assert_eq!((taken, wait), (1, 0));
    }
}
