//! The line before the writers of one process: what waits for a commit, and what each writer takes of it.
//!
//! One agent's commits follow each other, whoever makes them: its log is a chain. A database that
//! several processes may write to takes those of different agents beside each other. So a writer that is
//! free takes everything that waits, unless it is about an agent of another commit under way: commits are
//! as large as they can be, and none waits for another.

use super::commit::{Batch, Job};
use crate::ids::AgentId;
use crate::{Error, Result};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, Semaphore};

/// Writes that may wait for a commit before callers wait for a place.
const WAITING_WRITES: usize = 4_096;
/// Turns that other tasks get before a commit begins.
const TURNS: usize = 4;

/// Which of the writers.
type WriterNumber = usize;

/// What waits, and what is under way.
pub(crate) struct Line {
    state: Mutex<State>,
    places: Semaphore,
    news: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    /// What the commits under way are about, and whose they are.
    under_way: BTreeMap<Subject, WriterNumber>,
    /// Desks that were opened, and those of them that were left.
    opened: usize,
    left: usize,
    /// Writers that have nothing to do.
    idle: usize,
    /// No more is taken on.
    closed: bool,
}

/// What a job is about: nothing else about the same is written beside it. What spans agents counts as one
/// more of them.
type Subject = Option<AgentId>;

/// Each subject of a job.
fn subjects(job: &Job) -> Vec<Subject> {
    match job {
        Job::Ingest(submission, _) => vec![Some(submission.agent.agent_id())],
        Job::Operation(operation) if operation.reach.is_empty() => vec![None],
        Job::Operation(operation) => operation.reach.agents().map(Some).collect(),
    }
}

impl State {
    fn is_over(&self) -> bool {
        self.closed && self.waiting.is_empty()
    }

    /// Whether another writer is at one of these.
    fn is_elsewhere(&self, subjects: &[Subject], writer: WriterNumber) -> bool {
        subjects.iter().any(|subject| self.under_way.get(subject).is_some_and(|by| *by != writer))
    }

    /// Moves to the batch what it can hold of what is `wanted`, in the order in which it came: nothing
    /// overtakes what is about the same agent.
    fn take(&mut self, writer: WriterNumber, batch: &mut Batch, wanted: impl Fn(&Job) -> bool) {
        let (mut passed, mut left) = (BTreeSet::new(), VecDeque::new());
        while !batch.is_full()
            && let Some(job) = self.waiting.pop_front()
        {
            let about = subjects(&job);
            let is_next = !about.iter().any(|subject| passed.contains(subject));
            if is_next && wanted(&job) && !self.is_elsewhere(&about, writer) {
                self.under_way.extend(about.into_iter().map(|subject| (subject, writer)));
                batch.add(job);
            } else {
                passed.extend(about);
                left.push_back(job);
            }
        }
        if !left.is_empty() {
            left.append(&mut self.waiting);
            self.waiting = left;
        }
    }
}

impl Default for Line {
    fn default() -> Self {
        Self { state: Mutex::default(), places: Semaphore::new(WAITING_WRITES), news: Notify::new() }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("waiting", &self.state().waiting.len()).finish_non_exhaustive()
    }
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job at the end, once there is a place.
    pub(crate) async fn submit(&self, job: Job) -> Result<()> {
        // The place is given back when a writer takes the job.
        self.places.acquire().await.map_err(|_| stopping())?.forget();
        let wakes = {
            let mut state = self.state();
            if state.closed {
                return Err(stopping());
            }
            // A writer that is at work looks again when it is done.
            let subjects = subjects(&job);
            let wakes =
                state.idle > 0 && !subjects.iter().any(|subject| state.under_way.contains_key(subject));
            state.waiting.push_back(job);
            wakes
        };
        if wakes {
            self.news.notify_one();
        }
        Ok(())
    }

    /// Opens a desk for one more writer.
    pub(crate) fn open_desk(self: &Arc<Self>) -> Desk {
        let mut state = self.state();
        let writer = state.opened;
        state.opened += 1;
        Desk { line: self.clone(), writer }
    }

    /// Takes nothing on any more; what waits is still done.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.places.close();
        self.news.notify_waiters();
    }
}

/// Where a writer takes from the line. It is left when this is dropped, by whatever end of the writer. When
/// the last one is left nothing is taken on any more, and who still waits is told.
pub(crate) struct Desk {
    line: Arc<Line>,
    writer: WriterNumber,
}

impl Desk {
    /// Takes what waits and is nobody else's, when there is something; nothing once the line is closed
    /// and empty.
    pub(crate) async fn next(&self) -> Option<Turn<'_>> {
        let line = &*self.line;
        let mut turn = Turn { line, writer: self.writer, batch: Batch::default() };
        loop {
            let mut news = pin!(line.news.notified());
            // From here on no news is missed.
            news.as_mut().enable();
            if turn.take(Nothing::Rest, |_| true) > 0 {
                turn.gather().await;
                return Some(turn);
            }
            if line.state().is_over() {
                return None;
            }
            news.await;
            line.state().idle -= 1;
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let is_last = {
            let mut state = self.line.state();
            state.left += 1;
            state.left == state.opened
        };
        if is_last {
            self.line.close();
            // A caller whose job is dropped learns that it was not done.
            let let_go = std::mem::take(&mut self.line.state().waiting);
            drop(let_go);
        }
        // Who rests looks at what waited for this one, or ends too.
        self.line.news.notify_waiters();
    }
}

/// What a writer does that finds nothing.
enum Nothing {
    /// It waits for news, and is counted as idle in the same instant.
    Rest,
    GoOn,
}

/// What a writer has taken. Until this is dropped no other writer takes anything about the same.
pub(crate) struct Turn<'l> {
    line: &'l Line,
    writer: WriterNumber,
    pub(super) batch: Batch,
}

impl Turn<'_> {
    /// Answers how many jobs it took.
    fn take(&mut self, nothing: Nothing, wanted: impl Fn(&Job) -> bool) -> usize {
        let before = self.batch.jobs;
        let wakes_another = {
            let mut state = self.line.state();
            state.take(self.writer, &mut self.batch, wanted);
            if self.batch.jobs == 0 && matches!(nothing, Nothing::Rest) {
                state.idle += 1;
            }
            self.batch.is_full() && state.idle > 0 && !state.waiting.is_empty()
        };
        if wakes_another {
            self.line.news.notify_one();
        }
        let taken = self.batch.jobs - before;
        self.line.places.add_permits(taken);
        taken
    }

    /// Takes what comes while callers whose requests are being read at this moment get a turn: a commit
    /// costs the same for one as for all of them.
    async fn gather(&mut self) {
        for turn in 0..TURNS {
            let came = self.take(Nothing::GoOn, |_| true) > 0;
            if self.batch.is_full() || (!came && turn > 0) {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Takes more events of the agents that it has the turn of.
    pub(super) fn admit(&mut self) {
        let reach = self.batch.reach();
        self.take(
            Nothing::GoOn,
            |job| matches!(job, Job::Ingest(submission, _) if reach.has(submission.agent)),
        );
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // This writer looks next at what waited for it.
        self.line.state().under_way.retain(|_, by| *by != self.writer);
    }
}

/// What whoever comes too late is told.
pub(crate) fn stopping() -> Error {
    Error::unavailable("stopping", "the hub is stopping; ask again with the same id")
}

#[cfg(test)]
#[path = "line/tests.rs"]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
