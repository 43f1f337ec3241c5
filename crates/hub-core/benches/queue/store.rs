//! The database that is measured, an empty one for each measurement.

use super::fresh::Fresh;
use hub_core::ids::AgentId;
use hub_core::store::{Executor, Intent, PostgresExecutor, Reach, SqliteExecutor, Statement};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use std::sync::Arc;
use uuid::Uuid;

/// Which kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) fn note(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite in WAL with synchronous=FULL; every commit is synced to disk",
            Self::Postgres => {
                "PostgreSQL with fsync and synchronous_commit on, over TCP on loopback; server and workers share the machine"
            }
        }
    }
}

pub(crate) enum Store {
    Sqlite(tempfile::TempDir),
    Postgres(Box<Fresh>),
}

/// Dead letters that one transaction makes.
const BURIED_AT_ONCE: u64 = 200_000;

impl Store {
    pub(crate) async fn fresh(kind: Kind) -> Self {
        match kind {
            // Under the target folder: a real disk, where a temporary folder may be memory.
            Kind::Sqlite => Self::Sqlite(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()),
            Kind::Postgres => {
                let fresh = Fresh::make().await.expect("HUB_TEST_POSTGRES_URL names the server to measure");
                Self::Postgres(Box::new(fresh))
            }
        }
    }

    /// Speaks to it, as one more process.
    pub(crate) async fn executor(&self) -> Arc<dyn Executor> {
        match self {
            Self::Sqlite(folder) => {
                Arc::new(SqliteExecutor::open(&folder.path().join("hub.db")).await.unwrap())
            }
            Self::Postgres(fresh) => Arc::new(PostgresExecutor::open(&fresh.url()).await.unwrap()),
        }
    }

    /// Its URL, where it has one.
    pub(crate) fn url(&self) -> Option<String> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(fresh) => Some(fresh.url()),
        }
    }

    /// A transaction that sees what is there now for as long as this connection lives.
    pub(crate) async fn hold_snapshot(&self) -> PgConnection {
        let mut connection = PgConnection::connect(&self.url().unwrap()).await.unwrap();
        connection.execute("SET idle_in_transaction_session_timeout = 0").await.unwrap();
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await.unwrap();
        connection.execute("SELECT count(*) FROM agents").await.unwrap();
        connection
    }

    /// Makes dead letters of the first agent.
    pub(crate) async fn bury(&self, dead: u64) {
        const SQLITE: Statement = Statement::new(
            "WITH RECURSIVE n (i) AS (SELECT $2 UNION ALL SELECT i + 1 FROM n WHERE i < $3) \
             INSERT INTO queue (queue, agent_id, key, state, available_at, enqueued_at, attempts, dead_letter_id) \
             SELECT 'plan', $1, CAST(printf('dead%012d', i) AS BLOB), 'dead', i, i, 5, \
             CAST(printf('dead%012d', i) AS BLOB) FROM n",
        );
        const POSTGRES: Statement = Statement::new(
            "INSERT INTO queue (queue, agent_id, key, state, available_at, enqueued_at, attempts, dead_letter_id) \
             SELECT 'plan', $1, decode(md5('dead' || i), 'hex'), 'dead', i, i, 5, decode(md5('dead' || i), 'hex') \
             FROM generate_series($2::BIGINT, $3::BIGINT) i",
        );
        let (executor, agent) = (self.executor().await, AgentId(Uuid::from_u128(1)));
        let statement = if self.url().is_some() { POSTGRES } else { SQLITE };
        for first in (0..dead).step_by(usize::try_from(BURIED_AT_ONCE).unwrap()) {
            let last = (first + BURIED_AT_ONCE).min(dead) - 1;
            let [first, last] = [first, last].map(|n| i64::try_from(n).unwrap());
            let mut tx = executor.begin(Intent::Write, &Reach::of([agent])).await.unwrap();
            tx.query(&statement, vec![agent.into(), first.into(), last.into()]).await.unwrap();
            tx.commit().await.unwrap();
        }
        executor.shutdown().await;
    }
}
