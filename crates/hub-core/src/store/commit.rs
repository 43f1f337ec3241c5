//! Group commit: what waits is gathered and committed together, and each caller is answered after
//! the commit. One operation that fails does not take the others with it.

mod batch;

pub(crate) use batch::{Batch, Job, Operation};

use super::executor::{Executor, Intent};
use super::line::{Desk, Turn};
use super::reach::Reach;
use super::tx::{Sources, Tx};
use crate::Result;
use crate::artifacts::BlobStore;
use crate::audit::Digest;
use crate::clock::Clock;
use crate::context::Scoped;
use crate::events::EventOutcome;
use crate::events::ingest::{self, Submission};
use crate::observe::Observer;
use crate::queue::{Bells, Queue};
use batch::Answer;
use hub_protocol::vocabulary::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How often events alone are committed anew when other transactions stood in their way.
const ANEW: usize = 3;

/// What became of the events of each caller.
type Outcomes = Vec<Result<Vec<EventOutcome>>>;

/// A task that writes.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(crate) executor: Arc<dyn Executor>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sources: Sources,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) bells: Arc<Bells>,
    /// Events since the bell of the windows was last rung, of all writers.
    pub(crate) unplanned: Arc<AtomicUsize>,
}

impl Writer {
    /// Commits what comes, until nothing comes any more.
    pub(crate) async fn run(self, desk: Desk) {
        while let Some(turn) = desk.next().await {
            self.commit(turn).await;
        }
    }

    /// Commits what was taken, and answers everybody in it.
    async fn commit(&self, mut turn: Turn<'_>) {
        let full = turn.batch.submissions.first().map(|submission| submission.pace.utterances);
        let began = self.clock.now();
        let operations = turn.batch.operations.len();
        let mut answers: Vec<Answer> = Vec::with_capacity(operations);
        let committed = self.persist(&mut turn, &mut answers).await;
        // Until all are answered what they ask for next waits for this writer, which then takes all of it.
        let batch = std::mem::take(&mut turn.batch);
        let events = batch.events;
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
                for (asker, outcome) in batch.askers.into_iter().zip(outcomes) {
                    if let Ok(outcome) = &outcome {
                        self.observer.ingested(outcome);
                    }
                    let _gone = asker.send(outcome);
                }
            }
            Err(error) => {
                for asker in batch.askers {
                    let _gone = asker.send(Err(error.clone()));
                }
            }
        }
    }

    /// Runs a batch. One of events alone is run anew when it was undone because other transactions
    /// stood in its way: nothing of it is known to anybody. An operation runs once.
    async fn persist(&self, turn: &mut Turn<'_>, answers: &mut Vec<Answer>) -> Result<Outcomes> {
        let mut left = if turn.batch.operations.is_empty() { ANEW } else { 0 };
        loop {
            match self.attempt(turn, answers).await {
                Err(error) if left > 0 && error.code() == "transaction_conflict" => {
                    tracing::debug!(left, "other transactions stood in the way of a commit");
                    left -= 1;
                }
                ended => return ended,
            }
        }
    }
}

impl Writer {
    /// Runs a batch in one transaction. What an operation answers on its own goes to `answers`
    /// before the commit is tried; the outcomes of events come back with it.
    async fn attempt(&self, turn: &mut Turn<'_>, answers: &mut Vec<Answer>) -> Result<Outcomes> {
        let reach = turn.batch.reach();
        let operations = std::mem::take(&mut turn.batch.operations);
        let mut tx = match self.begin(&reach).await {
            Ok(tx) => tx,
            Err(error) => {
                answers.extend(operations.into_iter().map(|operation| operation.refuse(error.clone())));
                return Err(error);
            }
        };
        if self.executor.dialect().locks_rows() {
            // Its turn may have been long in coming; what was said meanwhile need not wait for another.
            turn.admit();
        }
        let submissions = turn.batch.submissions.as_slice();
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
        if alone {
            match self.together(tx, submissions).await {
                Err(error) if error.kind() != ErrorKind::Unavailable && submissions.len() > 1 => {
                    tx = self.begin(&reach).await?;
                }
                stored => return stored,
            }
        } else {
            let mark = tx.savepoint();
            match store(&mut tx, submissions).await {
                Ok(outcomes) => return self.seal(tx).await.map(|()| each(outcomes)),
                Err(error) if error.kind() == ErrorKind::Unavailable => {
                    tx.rollback().await;
                    return Err(error);
                }
                Err(_) => tx.undo(mark),
            }
        }
        match each_alone(&mut tx, submissions).await {
            Ok(outcomes) => self.seal(tx).await.map(|()| outcomes),
            Err(error) => {
                tx.rollback().await;
                Err(error)
            }
        }
    }

    /// Writes the events of all callers and commits them.
    async fn together(&self, mut tx: Tx, submissions: &[Submission]) -> Result<Outcomes> {
        match ingest::store(&mut tx, submissions).await {
            Ok(outcomes) => self.seal(tx).await.map(|()| each(outcomes)),
            Err(error) => {
                tx.rollback().await;
                Err(error)
            }
        }
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

    /// Commits, tells whoever waits for work, and removes what was let go of.
    async fn seal(&self, tx: Tx) -> Result<()> {
        let left = tx.commit().await?;
        self.bells.ring(&left.rung);
        if !left.let_go.is_empty()
            && let Err(error) = self.remove_blobs(left.let_go).await
        {
            tracing::warn!(code = error.code(), %error, "blobs that were let go of are left to the sweep");
        }
        Ok(())
    }

    /// Removes blobs to which nothing refers. The turn of their agents is held meanwhile, so that nobody
    /// makes an artifact of one that is about to go.
    async fn remove_blobs(&self, blobs: Vec<(Scoped, Digest)>) -> Result<()> {
        let mut tx = self.begin(&blobs.iter().map(|(agent, _)| *agent).collect()).await?;
        let removed = async {
            for (agent, digest) in blobs {
                let own = vec![agent.agent_id().into(), digest.into()];
                if tx.row(&crate::artifacts::rows::OF_BLOB, own).await?.is_none() {
                    self.blobs.remove(agent.agent_id(), &digest).await?;
                }
            }
            Ok(())
        }
        .await;
        tx.rollback().await;
        removed
    }

    async fn begin(&self, reach: &Reach) -> Result<Tx> {
        let inner = self.executor.begin(Intent::Write, reach).await?;
        let mut tx = Tx::new(inner, self.executor.dialect(), self.sources.clone(), self.clock.now());
        tx.take_turn(reach).await?;
        // Who had to wait for his turn acts when he has it, not when he asked for it.
        tx.happens_at(self.clock.now());
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

/// Writes events behind a savepoint, so that what fails fails here.
async fn store(tx: &mut Tx, submissions: &[Submission]) -> Result<Vec<Vec<EventOutcome>>> {
    let outcomes = ingest::store(tx, submissions).await?;
    tx.release().await.map(|()| outcomes)
}

fn each(outcomes: Vec<Vec<EventOutcome>>) -> Outcomes {
    outcomes.into_iter().map(Ok).collect()
}

/// Writes the events of each caller by themselves, after writing them together has failed for a
/// reason that only some of them can have: those fail alone.
async fn each_alone(tx: &mut Tx, submissions: &[Submission]) -> Result<Outcomes> {
    let mut outcomes = Vec::with_capacity(submissions.len());
    for submission in submissions {
        let mark = tx.savepoint();
        match store(tx, std::slice::from_ref(submission)).await {
            Ok(stored) => outcomes.push(Ok(stored.into_iter().flatten().collect())),
            Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
            Err(error) => {
                tx.undo(mark);
                outcomes.push(Err(error));
            }
        }
    }
    Ok(outcomes)
}
