//! Group commit: what waits is gathered and committed together, and each caller is answered after
//! the commit. One operation that fails does not take the others with it.

use super::executor::{Executor, Intent};
use super::reach::Reach;
use super::tx::{Sources, Tx};
use crate::clock::Clock;
use crate::events::EventOutcome;
use crate::events::ingest::{self, Submission};
use crate::observe::Observer;
use crate::queue::{Bells, Queue};
use crate::{Error, Result};
use futures_util::future::BoxFuture;
use hub_protocol::vocabulary::ErrorKind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// Events that one commit carries at most.
const EVENTS_PER_COMMIT: usize = 2_000;
/// Operations that one commit carries at most.
const OPERATIONS_PER_COMMIT: usize = 256;

/// Turns that other tasks get before a commit begins.
const TURNS: usize = 4;

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
type Asker = oneshot::Sender<Result<Vec<EventOutcome>>>;
type Answer = Box<dyn FnOnce(Result<()>) + Send>;
type Run = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, (Answer, Result<()>)> + Send>;

/// An operation whose answer waits for the commit.
pub(crate) struct Operation {
    reach: Reach,
    run: Run,
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
        let run: Run = Box::new(move |tx| {
            Box::pin(async move {
                let outcome = operation(tx).await;
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
    fn refuse(self, error: Error) -> Answer {
        Box::new(move |_| (self.refuse)(error))
    }
}

fn reply<T>(asker: &Mutex<Option<oneshot::Sender<Result<T>>>>, outcome: Result<T>) {
    let sender = asker.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(sender) = sender {
        let _gone = sender.send(outcome);
    }
}

/// The one task that writes.
pub(crate) struct Writer {
    pub(crate) executor: Arc<dyn Executor>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sources: Sources,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) bells: Arc<Bells>,
    /// Events since the bell of the windows was last rung.
    pub(crate) unplanned: AtomicUsize,
}

#[derive(Default)]
struct Batch {
    operations: Vec<Operation>,
    submissions: Vec<Submission>,
    askers: Vec<Asker>,
    events: usize,
    jobs: usize,
    stop: Option<oneshot::Sender<()>>,
}

impl Batch {
    fn add(&mut self, job: Job) {
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

    fn is_full(&self) -> bool {
        self.events >= EVENTS_PER_COMMIT
            || self.operations.len() >= OPERATIONS_PER_COMMIT
            || self.stop.is_some()
    }
}

/// Takes what waits. Callers whose requests are being read at this moment get a turn first: a commit
/// costs the same for one as for all of them.
async fn gather(waiting: &mut mpsc::Receiver<Job>, batch: &mut Batch) {
    for turn in 0..TURNS {
        let before = batch.jobs;
        while !batch.is_full() {
            match waiting.try_recv() {
                Ok(job) => batch.add(job),
                Err(_) => break,
            }
        }
        if batch.is_full() || (batch.jobs == before && turn > 0) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// The agents of a commit: exactly those of what it carries.
fn reach(operations: &[Operation], submissions: &[Submission]) -> Reach {
    let mut reach: Reach = submissions.iter().map(|submission| submission.agent).collect();
    operations.iter().for_each(|operation| reach.extend(&operation.reach));
    reach
}

impl Writer {
    pub(crate) async fn run(self, mut waiting: mpsc::Receiver<Job>) {
        while let Some(first) = waiting.recv().await {
            let mut batch = Batch::default();
            batch.add(first);
            gather(&mut waiting, &mut batch).await;
            let stop = batch.stop.take();
            self.commit(batch).await;
            if let Some(answer) = stop {
                let _gone = answer.send(());
                return;
            }
        }
    }

    async fn commit(&self, batch: Batch) {
        let full = batch.submissions.first().map(|submission| submission.pace.utterances);
        let began = self.clock.now();
        let (events, operations) = (batch.events, batch.operations.len());
        let mut answers: Vec<Answer> = Vec::with_capacity(operations);
        let mut askers = batch.askers;
        let committed = self.attempt(batch.operations, batch.submissions, &mut answers, &mut askers).await;
        if let Err(error) = &committed {
            tracing::warn!(code = error.code(), source = ?std::error::Error::source(error), "a commit failed");
        }
        let ended = self.clock.now();
        self.observer.committed(events, operations, ended.since(began));
        for answer in answers {
            answer(committed.as_ref().map(|_| ()).map_err(Clone::clone));
        }
        match committed {
            Ok(outcomes) => {
                self.spoke(events, full);
                for (asker, outcome) in askers.into_iter().zip(outcomes) {
                    self.observer.ingested(&outcome);
                    let _gone = asker.send(Ok(outcome));
                }
            }
            Err(error) => {
                for asker in askers {
                    let _gone = asker.send(Err(error.clone()));
                }
            }
        }
    }
}

impl Writer {
    /// Runs a batch in one transaction. What an operation answers on its own goes to `answers`
    /// before the commit is tried; the outcomes of events come back with it.
    async fn attempt(
        &self,
        operations: Vec<Operation>,
        submissions: Vec<Submission>,
        answers: &mut Vec<Answer>,
        askers: &mut Vec<Asker>,
    ) -> Result<Vec<Vec<EventOutcome>>> {
        let reach = reach(&operations, &submissions);
        let mut tx = match self.begin(&reach).await {
            Ok(tx) => tx,
            Err(error) => {
                answers.extend(operations.into_iter().map(|operation| operation.refuse(error.clone())));
                return Err(error);
            }
        };
        let alone = operations.len() + usize::from(!submissions.is_empty()) == 1;
        let mut operations = operations.into_iter();
        while let Some(operation) = operations.next() {
            if let Err(error) = self.operate(&mut tx, operation, alone, answers).await {
                answers.extend(operations.map(|operation| operation.refuse(error.clone())));
                tx.rollback().await;
                return Err(error);
            }
        }
        if submissions.is_empty() {
            return self.seal(tx).await.map(|()| Vec::new());
        }
        let only = alone && submissions.len() == 1;
        if alone {
            let stored = match ingest::store(&mut tx, &submissions).await {
                Ok(outcomes) => self.seal(tx).await.map(|()| outcomes),
                Err(error) => {
                    tx.rollback().await;
                    Err(error)
                }
            };
            match stored {
                Err(error) if error.kind() != ErrorKind::Unavailable && !only => {
                    tx = self.begin(&reach).await?
                }
                stored => return stored,
            }
        } else {
            let mark = tx.savepoint();
            let stored = match ingest::store(&mut tx, &submissions).await {
                Ok(outcomes) => tx.release().await.map(|()| outcomes),
                Err(error) => Err(error),
            };
            match stored {
                Ok(outcomes) => return self.seal(tx).await.map(|()| outcomes),
                Err(error) if error.kind() == ErrorKind::Unavailable => {
                    tx.rollback().await;
                    return Err(error);
                }
                Err(_) => tx.undo(mark),
            }
        }
        let outcomes = each_alone(&mut tx, submissions, askers).await?;
        self.seal(tx).await?;
        Ok(outcomes)
    }

    /// Tells whoever cuts windows when there may be a full one. Whoever pauses before is found by
    /// looking.
    fn spoke(&self, events: usize, full: Option<i64>) {
        let unplanned = self.unplanned.fetch_add(events, Ordering::Relaxed).saturating_add(events);
        let full = full.map(|full| usize::try_from(full).unwrap_or(1));
        if full.is_some_and(|full| unplanned >= full) {
            self.unplanned.store(0, Ordering::Relaxed);
            self.bells.ring(&[Queue::Window]);
        }
    }

    /// Commits, and tells whoever waits for work.
    async fn seal(&self, tx: Tx) -> Result<()> {
        self.bells.ring(&tx.commit().await?);
        Ok(())
    }

    async fn begin(&self, reach: &Reach) -> Result<Tx> {
        let inner = self.executor.begin(Intent::Write, reach).await?;
        let mut tx = Tx::new(inner, self.executor.dialect(), self.sources.clone(), self.clock.now());
        tx.take_turn(reach).await?;
        Ok(tx)
    }

    /// Runs one operation; when it fails alone, what it wrote is undone and the others go on.
    async fn operate(
        &self,
        tx: &mut Tx,
        operation: Operation,
        alone: bool,
        answers: &mut Vec<Answer>,
    ) -> Result<()> {
        let mark = (!alone).then(|| tx.savepoint());
        let (answer, went) = (operation.run)(tx).await;
        let Some(mark) = mark else {
            answers.push(answer);
            return went;
        };
        let went = match went {
            Ok(()) => tx.release().await,
            Err(error) => Err(error),
        };
        match went {
            Ok(()) => answers.push(answer),
            Err(error) => {
                let away = error.kind() == ErrorKind::Unavailable;
                let problem = error.clone();
                // The operation may have ended well, and one of its last statements not.
                answers.push(Box::new(move |_| answer(Err(problem))));
                if away {
                    return Err(error);
                }
                tx.undo(mark);
            }
        }
        Ok(())
    }
}

/// Writes the events of each caller by themselves, after writing them together has failed for a
/// reason that only some of them can have: those fail alone.
async fn each_alone(
    tx: &mut Tx,
    submissions: Vec<Submission>,
    askers: &mut Vec<Asker>,
) -> Result<Vec<Vec<EventOutcome>>> {
    let mut outcomes = Vec::with_capacity(submissions.len());
    let mut kept = Vec::with_capacity(askers.len());
    for (submission, asker) in submissions.into_iter().zip(askers.drain(..)) {
        let mark = tx.savepoint();
        let stored = match ingest::store(tx, std::slice::from_ref(&submission)).await {
            Ok(outcome) => tx.release().await.map(|()| outcome),
            Err(error) => Err(error),
        };
        match stored {
            Ok(outcome) => {
                outcomes.extend(outcome);
                kept.push(asker);
            }
            Err(error) => {
                tx.undo(mark);
                let _gone = asker.send(Err(error));
            }
        }
    }
    *askers = kept;
    Ok(outcomes)
}
