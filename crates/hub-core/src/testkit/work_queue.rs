//! The queue by itself: jobs that are claimed and ended with no work between.

use crate::Result;
use crate::artifacts::FolderBlobs;
use crate::clock::Clock;
use crate::context::{Scoped, scoped_by_hub};
use crate::entropy::SystemEntropy;
use crate::ids::AgentId;
use crate::observe::Unobserved;
use crate::queue::{self, Lease, Queue};
use crate::store::migrate::migrate;
use crate::store::{Executor, Intent, Reach, Sources, Statement, Store, boxed};
use crate::trace::Untraced;
use crate::{Error, queue::lease::release};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const AGENT: Statement = Statement::new(
    "INSERT INTO agents (agent_id, number, name, language, planner, created_at) \
     VALUES ($1, $2, 'x', 'en', 'rules', 1)",
);

/// The queue `plan` of a database, as one process sees it: the hub's own code, without a hub's workers.
#[derive(Debug)]
pub struct WorkQueue {
    store: Store,
}

/// A job that a worker holds.
#[derive(Debug, Clone)]
pub struct Claimed(Lease);

impl Claimed {
    /// What the job is about.
    #[must_use]
    pub fn key(&self) -> Uuid {
        self.0.key
    }

    /// Whose job it is.
    #[must_use]
    pub fn agent_id(&self) -> AgentId {
        self.0.agent.agent_id()
    }

    /// Attempts begun, this one included.
    #[must_use]
    pub fn attempts(&self) -> i64 {
        self.0.attempts
    }
}

impl WorkQueue {
    /// Brings a database to the schema of this program and starts a writer of its own on it.
    ///
    /// # Errors
    /// As [`migrate`].
    pub async fn open(executor: Arc<dyn Executor>, clock: Arc<dyn Clock>) -> Result<Self> {
        migrate(executor.as_ref(), executor.dialect().migrations(), clock.now()).await?;
        let random = Arc::new(SystemEntropy);
        let sources = Sources { entropy: random.clone(), ids: random, traces: Arc::new(Untraced) };
        // Nothing here makes an artifact.
        let blobs = Arc::new(FolderBlobs::new(Path::new("")));
        Ok(Self { store: Store::start(executor, clock, sources, Arc::new(Unobserved), blobs) })
    }

    /// Makes agents whose ids and numbers are `1…count`.
    ///
    /// # Errors
    /// As the database.
    pub async fn agents(&self, count: u32) -> Result<Vec<AgentId>> {
        let agents: Vec<AgentId> = (1..=count).map(|n| AgentId(Uuid::from_u128(n.into()))).collect();
        let reach = Reach::of(agents.iter().copied());
        let mut tx = self.store.executor().begin(Intent::Write, &reach).await?;
        for (agent, number) in agents.iter().zip(1_i64..) {
            tx.query(&AGENT, vec![(*agent).into(), number.into()]).await?;
        }
        tx.commit().await?;
        Ok(agents)
    }

    /// Adds a job for each key that may be claimed at once.
    ///
    /// # Errors
    /// As the database.
    pub async fn enqueue(&self, agent_id: AgentId, keys: Vec<Uuid>) -> Result<()> {
        let agent = scoped_by_hub(agent_id);
        let jobs = keys.into_iter().map(|key| (Queue::Plan, key)).collect();
        let added = self.store.write(agent, move |tx| {
            boxed(async move {
                queue::enqueue(tx, agent, jobs);
                Ok(())
            })
        });
        added.await
    }

    /// Looks for work as a worker does, and claims up to `most` jobs for `lease`. It answers none when
    /// there is none, or others were quicker.
    ///
    /// # Errors
    /// As the database.
    pub async fn claim(&self, most: usize, lease: Duration) -> Result<Vec<Claimed>> {
        let due = queue::look(&self.store, Queue::Plan).await?;
        if due.is_nothing() {
            return Ok(Vec::new());
        }
        let claimed = self.store.write(Reach::nobody(), move |tx| {
            boxed(async move { queue::claim(tx, due, most, lease, "test").await })
        });
        Ok(claimed.await?.into_iter().map(Claimed).collect())
    }

    /// Ends jobs in one transaction, as a worker does with what it writes.
    ///
    /// # Errors
    /// `conflict` with `lease_lost` when one of the leases was lost; then none is ended.
    pub async fn finish(&self, claimed: Vec<Claimed>) -> Result<()> {
        let leases: Vec<Lease> = claimed.into_iter().map(|claimed| claimed.0).collect();
        let agents: Reach = leases.iter().map(|lease| lease.agent).collect();
        let ended =
            self.store.write(agents, move |tx| boxed(async move { queue::finish_all(tx, &leases).await }));
        ended.await
    }

    /// Ends one job, the way of who has one at a time.
    ///
    /// # Errors
    /// `conflict` with `lease_lost` when the lease was lost.
    pub async fn finish_one(&self, claimed: Claimed) -> Result<()> {
        let ended =
            self.one(&claimed, move |tx, lease| boxed(async move { queue::finish(tx, &lease).await }));
        ended.await
    }

    /// Gives a job back after a failure; it rests, or becomes a dead letter, which is answered.
    ///
    /// # Errors
    /// `conflict` with `lease_lost` when the lease was lost.
    pub async fn give_back(&self, claimed: Claimed, max_attempts: i64) -> Result<bool> {
        let problem = Error::unavailable("store_unavailable", "the work failed");
        let given = self.one(&claimed, move |tx, lease| {
            boxed(async move { queue::give_back(tx, &lease, max_attempts, &problem).await })
        });
        given.await
    }

    /// Makes a job claimable again at once.
    ///
    /// # Errors
    /// `conflict` with `lease_lost` when the lease was lost.
    pub async fn release(&self, claimed: Claimed) -> Result<()> {
        let released = self.one(&claimed, move |tx, lease| boxed(async move { release(tx, &lease).await }));
        released.await
    }

    async fn one<T, F>(&self, claimed: &Claimed, operation: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut crate::store::Tx, Lease) -> futures_util::future::BoxFuture<'t, Result<T>>
            + Send
            + 'static,
    {
        let (agent, lease): (Scoped, Lease) = (claimed.0.agent, claimed.0.clone());
        self.store.write(agent, move |tx| operation(tx, lease)).await
    }

    /// Finishes what was accepted, then closes the database.
    pub async fn shutdown(&self) {
        self.store.shutdown().await;
    }
}
