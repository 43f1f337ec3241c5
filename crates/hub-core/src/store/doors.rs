//! The store's two doors: reads, each in a transaction of its own, and writes, which are gathered
//! and committed together.

use super::commit::{self, Job, Operation};
use super::executor::{Executor, Intent};
use super::line::stopping;
use super::reach::Reach;
use super::tx::{Sources, Tx};
use super::writers::Writers;
use crate::Result;
use crate::artifacts::BlobStore;
use crate::clock::{Clock, Timestamp};
use crate::events::ingest::Submission;
use crate::observe::Observer;
use crate::queue::{Bells, Looks};
use crate::trace::{self, Traces};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::oneshot;
use tracing::Instrument as _;
use uuid::Uuid;

/// A database with its writers.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    executor: Arc<dyn Executor>,
    clock: Arc<dyn Clock>,
    sources: Sources,
    writers: Arc<Writers>,
    bells: Arc<Bells>,
    looks: Arc<Looks>,
}

/// Names the lifetime in a closure that borrows its transaction.
pub(crate) fn boxed<'t, T>(future: impl Future<Output = Result<T>> + Send + 't) -> BoxFuture<'t, Result<T>> {
    Box::pin(future)
}

impl Store {
    /// Starts the writers of a database whose schema is up to date.
    pub(crate) fn start(
        executor: Arc<dyn Executor>,
        clock: Arc<dyn Clock>,
        sources: Sources,
        observer: Arc<dyn Observer>,
        blobs: Arc<dyn BlobStore>,
    ) -> Self {
        let bells = Arc::new(Bells::default());
        let writer = commit::Writer {
            executor: executor.clone(),
            clock: clock.clone(),
            sources: sources.clone(),
            observer,
            blobs,
            bells: bells.clone(),
            unplanned: Arc::default(),
        };
        let writers = Arc::new(Writers::start(&writer));
        Self { executor, clock, sources, writers, bells, looks: Arc::default() }
    }

    pub(crate) fn executor(&self) -> &dyn Executor {
        self.executor.as_ref()
    }

    pub(crate) fn new_id(&self, now: Timestamp) -> Result<Uuid> {
        self.sources.ids.next(now)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Where the next look for work begins.
    pub(crate) fn looks(&self) -> &Looks {
        &self.looks
    }

    /// Who records spans.
    pub(crate) fn traces(&self) -> &dyn Traces {
        self.sources.traces.as_ref()
    }

    /// Rung after a commit that left work.
    pub(crate) fn bells(&self) -> &Bells {
        &self.bells
    }

    /// Runs an operation in a transaction that others may share, and answers after its commit.
    /// When the caller goes away the operation still happens. It sees the rows of these agents; those
    /// of others in the same transaction too, where the database has no wall inside a transaction.
    pub(crate) async fn write<T, F>(&self, reach: impl Into<Reach>, operation: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let (reach, span) = (reach.into(), trace::commit(None));
        let written = async {
            let job = Job::Operation(Operation::new(reach, operation, answer));
            self.writers.submit(job).await?;
            answered.await.map_err(|_| stopping())?
        };
        let outcome = written.instrument(span.clone()).await;
        trace::ended(&span, &outcome);
        outcome
    }

    /// Hands events to the writer and answers their outcomes after the commit.
    pub(crate) async fn ingest(&self, submission: Submission) -> Result<Vec<crate::events::EventOutcome>> {
        let (answer, answered) = oneshot::channel();
        let span = trace::commit(Some(submission.events.len()));
        let stored = async {
            self.writers.submit(Job::Ingest(submission, answer)).await?;
            answered.await.map_err(|_| stopping())?
        };
        let outcome = stored.instrument(span.clone()).await;
        trace::ended(&span, &outcome);
        outcome
    }

    /// Runs an operation that only reads, on one consistent state of these agents.
    pub(crate) async fn read<T, F>(&self, reach: impl Into<Reach>, operation: F) -> Result<T>
    where
        T: Send,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send,
    {
        let inner = self.executor.begin(Intent::Read, &reach.into()).await?;
        let mut tx = Tx::new(inner, self.executor.dialect(), self.sources.clone(), self.clock.now());
        let answer = operation(&mut tx).await;
        tx.rollback().await;
        answer
    }

    /// Finishes what was accepted, then closes the database.
    pub(crate) async fn shutdown(&self) {
        self.writers.stop().await;
        self.executor.shutdown().await;
    }
}
