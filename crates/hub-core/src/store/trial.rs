//! A database with one agent, for tests of single concepts.

use super::migrate::{SQLITE, migrate};
use super::{Executor, Intent, Reach, Sources, SqliteExecutor, Statement, Tx};
use crate::clock::Timestamp;
use crate::context::{Scoped, scoped_by_hub};
use crate::entropy::SystemEntropy;
use crate::ids::AgentId;
use crate::trace::Traces;
use std::sync::Arc;
use uuid::Uuid;

/// When everything happens.
pub(crate) const NOW: Timestamp = Timestamp(1_790_000_000_000_000);
const AGENT: Statement = Statement::new("INSERT INTO agents VALUES ($1, 1, 'x', 'en', 'rules', 1)");

pub(crate) struct Trial {
    pub(crate) agent: Scoped,
    pub(crate) executor: SqliteExecutor,
    traces: Arc<dyn Traces>,
    _folder: tempfile::TempDir,
}

impl Trial {
    pub(crate) async fn new(traces: impl Traces + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let executor = SqliteExecutor::open(&folder.path().join("hub.db")).await.unwrap();
        migrate(&executor, SQLITE, NOW).await.unwrap();
        let agent = scoped_by_hub(AgentId(Uuid::from_u128(1)));
        let trial = Self { agent, executor, traces: Arc::new(traces), _folder: folder };
        let mut tx = trial.begin().await;
        tx.run(&AGENT, vec![agent.agent_id().into()]);
        tx.commit().await.unwrap();
        trial
    }

    /// A transaction that writes.
    pub(crate) async fn begin(&self) -> Tx {
        let inner = self.executor.begin(Intent::Write, &Reach::from(self.agent)).await.unwrap();
        let (entropy, ids) = (Arc::new(SystemEntropy), Arc::new(SystemEntropy));
        let sources = Sources { entropy, ids, traces: self.traces.clone() };
        Tx::new(inner, self.executor.dialect(), sources, NOW)
    }
}
