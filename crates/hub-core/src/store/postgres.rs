//! The executor for PostgreSQL: a pool of connections, readers that each see one state, and writers
//! beside each other, from any number of processes.
//!
//! PostgreSQL derives the types of parameters from the statement, so a statement is prepared first
//! and its values are then bound as what the server asks for: an absent value fits everywhere, and
//! a value of another type is refused before it is sent.

mod failure;
mod values;

use super::dialect::Dialect;
use super::executor::{Call, Executor, Intent, Transaction};
use super::statement::{BulkInsert, Statement};
use super::value::{Row, Value};
use crate::{Error, Result};
use failure::{failure, is_stale};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, Postgres};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Either, SqlSafeStr as _, Statement as _};
use std::fmt;
use std::str::FromStr as _;
use std::time::Duration;

/// Connections that one executor holds at most.
const CONNECTIONS: u32 = 16;
/// How long somebody waits for a connection before he is told that the database is not available.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection that nobody has used for so long is closed.
const IDLE: Duration = Duration::from_secs(600);
/// A connection is replaced after that time, so that what the server keeps for it stays small.
const LIFETIME: Duration = Duration::from_secs(1_800);
/// Prepared statements that a connection keeps.
const STATEMENTS_KEPT: usize = 400;
/// What bounds a statement that hangs and a transaction that was left behind: no statement of the hub
/// comes near it. Migrations are bounded by nothing.
const TIMEOUTS: [(&str, &str); 3] =
    [("statement_timeout", "30s"), ("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "60s")];

const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// One database of a PostgreSQL server. One hub works on it at a time: the rows that its decisions rest
/// on are not locked against another one yet.
pub struct PostgresExecutor {
    pool: PgPool,
}

impl PostgresExecutor {
    /// Opens a database that must be there, by its URL: `postgres://user:password@host:port/database`.
    /// TLS is used where the server offers it; `?sslmode=verify-full&sslrootcert=file` demands it.
    /// What the URL leaves out is taken from the variables that other programs for PostgreSQL know,
    /// such as `PGHOST` (<https://www.postgresql.org/docs/current/libpq-envars.html>).
    ///
    /// It holds at most 16 connections. A statement is given 30 seconds, a wait for a lock 10, and a
    /// caller waits 5 seconds for a connection.
    ///
    /// # Errors
    /// `invalid` when the URL is none, `unavailable` when the database cannot be reached or does not
    /// let us in.
    pub async fn open(url: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(url).map_err(|cause| {
            Error::invalid("malformed_database_url", "this is not the URL of a PostgreSQL database")
                .field("database_url")
                .because(cause)
        })?;
        let options = options
            .application_name("hub")
            .statement_cache_capacity(STATEMENTS_KEPT)
            // What a statement is about is told where it is asked for; its text tells nobody anything.
            .disable_statement_logging()
            .options(TIMEOUTS);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .idle_timeout(IDLE)
            .max_lifetime(LIFETIME)
            // A dead connection shows when a transaction begins on it, and another is taken then.
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(|cause| failure(cause, "open the database"))?;
        Ok(Self { pool })
    }
}

impl fmt::Debug for PostgresExecutor {
    /// Without the options of the connections, which hold the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, idle) = (self.pool.size(), self.pool.num_idle());
        f.debug_struct("PostgresExecutor").field("open", &open).field("idle", &idle).finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Executor for PostgresExecutor {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn begin(&self, intent: Intent) -> Result<Box<dyn Transaction>> {
        let begin = match intent {
            Intent::Read => READ,
            Intent::Write => WRITE,
        };
        let mut stale = 0;
        loop {
            match self.pool.begin_with(begin).await {
                Ok(inner) => return Ok(Box::new(PostgresTransaction { inner, failed: false })),
                // After a restart of the server every idle connection is dead; nothing ran on it yet.
                Err(cause) if stale < CONNECTIONS && is_stale(&cause) => stale += 1,
                Err(cause) => return Err(failure(cause, "begin a transaction")),
            }
        }
    }

    async fn prepare(&self, statement: &Statement) -> Result<()> {
        use sqlx::Executor as _;
        let prepared = async {
            let mut connection = self.pool.acquire().await?;
            connection.prepare(AssertSqlSafe(statement.text().to_owned()).into_sql_str()).await
        };
        prepared.await.map(|_| ()).map_err(|cause| failure(cause, "prepare a statement"))
    }

    async fn shutdown(&self) {
        self.pool.close().await;
    }
}

/// A transaction; dropped before its end it is rolled back before its connection is used again.
struct PostgresTransaction {
    inner: sqlx::Transaction<'static, Postgres>,
    /// A statement has failed and was not undone. PostgreSQL would answer a commit with success
    /// then, and roll back.
    failed: bool,
}

/// Something was to be committed of which a part had failed.
#[derive(Debug, thiserror::Error)]
#[error("a transaction was to be committed after one of its statements had failed")]
struct Failed;

impl PostgresTransaction {
    async fn call(&mut self, call: Call) -> Result<Vec<Row>> {
        match call {
            Call::Statement(statement, parameters) => self.statement(&statement, parameters).await,
            Call::Bulk(insert, rows) => self.bulk(&insert, rows).await.map(|()| Vec::new()),
        }
    }

    async fn bulk(&mut self, insert: &BulkInsert, rows: Vec<Vec<Value>>) -> Result<()> {
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        while left > 0 {
            let step = BulkInsert::step(left);
            let parameters = rows.by_ref().take(step).flatten().collect();
            self.statement(&insert.statement(Dialect::Postgres, step), parameters).await?;
            left -= step;
        }
        Ok(())
    }

    async fn statement(&mut self, statement: &Statement, parameters: Vec<Value>) -> Result<Vec<Row>> {
        let outcome = self.run(statement, parameters).await;
        match &outcome {
            Err(_) => self.failed = true,
            Ok(_) if statement.text().starts_with("ROLLBACK TO ") => self.failed = false,
            Ok(_) => {}
        }
        outcome
    }

    async fn run(&mut self, statement: &Statement, parameters: Vec<Value>) -> Result<Vec<Row>> {
        use sqlx::Executor as _;
        let failed = |cause| failure(cause, "run a statement");
        // The connection knows it from the last time, and answers without asking the server.
        let prepared = self.inner.prepare(AssertSqlSafe(statement.text().to_owned()).into_sql_str());
        let prepared = prepared.await.map_err(failed)?;
        let wanted = match prepared.parameters() {
            Some(Either::Left(types)) => types,
            _ => &[],
        };
        let mut arguments = PgArguments::default();
        values::bind(&mut arguments, parameters, wanted)?;
        let query = prepared.query_with(arguments);
        let rows = self.inner.fetch_all(query).await.map_err(failed)?;
        rows.iter().map(values::read).collect()
    }
}

#[async_trait::async_trait]
impl Transaction for PostgresTransaction {
    async fn batch(&mut self, calls: Vec<Call>) -> Result<Vec<Vec<Row>>> {
        let mut answers = Vec::with_capacity(calls.len());
        for call in calls {
            answers.push(self.call(call).await?);
        }
        Ok(answers)
    }

    async fn script(&mut self, sql: &str) -> Result<()> {
        use sqlx::Executor as _;
        let ran = self.inner.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await;
        self.failed |= ran.is_err();
        ran.map(|_| ()).map_err(|cause| failure(cause, "run a migration"))
    }

    async fn commit_with(mut self: Box<Self>, last: Vec<Call>) -> Result<()> {
        self.batch(last).await?;
        if self.failed {
            return Err(Error::internal(Failed));
        }
        self.inner.commit().await.map_err(|cause| failure(cause, "commit"))
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        self.inner.rollback().await.map_err(|cause| failure(cause, "roll back"))
    }
}
