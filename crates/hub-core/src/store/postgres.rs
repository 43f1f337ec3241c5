//! The executor for PostgreSQL: connections, readers that each see one state, and writers beside each
//! other, from any number of processes.
//!
//! Each transaction steps down to a role that bypasses nothing, and names its agents, in the message
//! that begins it; both end with it, so that nothing is left on a connection for the next one.
//!
//! PostgreSQL derives the types of parameters from the statement, so a statement is prepared first
//! and its values are then bound as what the server asks for: an absent value fits everywhere, and
//! a value of another type is refused before it is sent.

mod address;
mod check;
mod failure;
pub(crate) mod lock;
mod values;
mod wall;

pub use address::PostgresAddress;
pub use check::{PostgresCheck, Severity, check_postgres};

use super::connections::{Connections, Held, Keeping};
use super::dialect::Dialect;
use super::executor::{Call, Executor, Intent, Transaction};
use super::reach::Reach;
use super::statement::{BulkInsert, JoinStatement, Statement};
use super::value::{Row, Value};
use crate::{Error, Result};
use failure::{failure, failure_of_migration, is_stale};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow, PgTypeInfo};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Either, SqlSafeStr as _, Statement as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Connections of which each executor holds this many at most, and how they are kept. A caller waits
/// as long as the patience lasts before he is told that the database is not available.
const KEEPING: Keeping = Keeping {
    most: 16,
    patience: Duration::from_secs(5),
    idle: Duration::from_secs(600),
    // What the server keeps for a connection stays small.
    lifetime: Duration::from_secs(1_800),
};
/// Migrations are rare, and two programs of one process may start at once.
const KEEPING_OWNER: Keeping = Keeping { most: 2, idle: Duration::from_secs(30), ..KEEPING };
/// The server ends a statement that hangs; one that says nothing at all, because it is frozen or the
/// network swallows what is sent, is given up after this time, and its connection with it.
const SILENCE: Duration = Duration::from_secs(40);
/// Prepared statements that a connection keeps.
const STATEMENTS_KEPT: usize = 400;
/// What holds on each connection. A statement that hangs and a transaction that was left behind are
/// bounded; no statement of the hub comes near it, and migrations are bounded by nothing. Every
/// statement looks a few rows up by an index: a plan that was made while a table was small, and is
/// kept, must not read all of it when it has grown.
const SESSION: [(&str, &str); 8] = [
    ("statement_timeout", "30s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
    // Acknowledged is durable, whatever the server does by default.
    ("synchronous_commit", "on"),
];

/// One database of a PostgreSQL server, which any number of hubs may work on.
#[derive(Debug)]
pub struct PostgresExecutor {
    work: Connections<PgConnection>,
    /// As who owns the schema, where that is not the same.
    owner: Option<Connections<PgConnection>>,
    /// The login of `work`.
    login: String,
    /// As whom every transaction works that is no migration.
    role: String,
    /// What keeps every hub away, for who has the database alone.
    alone: Option<Mutex<Option<PgConnection>>>,
}

impl PostgresExecutor {
    /// Opens a database that must be there, by its URL: `postgres://user:password@host:port/database`,
    /// the URL of its owner.
    ///
    /// # Errors
    /// As [`PostgresExecutor::open_with`].
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_with(url, None).await
    }

    /// Opens a database that must be there, by its URL. TLS is used where the server offers it;
    /// `?sslmode=verify-full&sslrootcert=file` demands it. What the URL leaves out is taken from the
    /// variables that other programs for PostgreSQL know, such as `PGHOST`
    /// (<https://www.postgresql.org/docs/current/libpq-envars.html>).
    ///
    /// The schema is made and changed as the user of `owner`, or of `url` without it: whoever owns the
    /// database and may make roles. Everything else runs as a role of the hub's own, `<database>_hub`,
    /// to which the user of `url` steps down in each transaction.
    ///
    /// The database is looked at first, as [`check_postgres`] does it; what is only to be mended goes
    /// into the log.
    ///
    /// It holds at most 16 connections, and two more for migrations. A statement is given 30 seconds,
    /// a wait for a lock 10, and a caller waits 5 seconds for a connection.
    ///
    /// # Errors
    /// `invalid` when a URL is none, `unavailable` when the database cannot be reached, does not let us
    /// in or cannot carry a hub, `conflict` when it belongs to another program or a newer hub. The
    /// error's remedy says how to mend it.
    pub async fn open_with(url: &str, owner: Option<&str>) -> Result<Self> {
        let options = options(url, "database_url")?;
        let owner = owner.map(|url| options_of_owner(url, &options)).transpose()?;
        check::demand(&options, owner.as_ref()).await?;
        Self::connect(options, owner, None).await
    }

    /// Opens a database as [`PostgresExecutor::open`] does, for somebody who must have it alone, such as a
    /// copy: no hub works on it, nor starts on it before this one is shut down.
    ///
    /// # Errors
    /// As [`PostgresExecutor::open_with`]; `conflict` with `database_in_use` when after 3 seconds a hub
    /// still works on it.
    pub async fn open_alone(url: &str) -> Result<Self> {
        let options = options(url, "database_url")?;
        check::demand(&options, None).await?;
        let alone = lock::take(&options).await?;
        Self::connect(options, None, Some(alone)).await
    }

    async fn connect(
        options: PgConnectOptions,
        owner: Option<PgConnectOptions>,
        alone: Option<PgConnection>,
    ) -> Result<Self> {
        let login = options.get_username().to_owned();
        let work = Connections::new(options, KEEPING);
        let owner = owner.map(|options| Connections::new(options, KEEPING_OWNER));
        let alone = alone.map(|connection| Mutex::new(Some(connection)));
        let mut executor = Self { work, owner, login, role: String::new(), alone };
        let mut held = executor.take(&executor.work).await?;
        executor.role = wall::role(held.connection()?).await?;
        held.give_back();
        Ok(executor)
    }

    async fn take(&self, connections: &Connections<PgConnection>) -> Result<Held<PgConnection>> {
        let mut held = connections.take(opening).await?;
        if held.is_fresh() && self.alone.is_none() {
            lock::share(held.connection()?).await?;
        }
        Ok(held)
    }

    /// The message that begins a transaction.
    fn beginning(&self, intent: Intent, reach: &Reach) -> String {
        let begin = match intent {
            Intent::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Intent::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            Intent::Migrate => return "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE".to_owned(),
        };
        format!("{begin}; {}", wall::step_down(&self.role, reach))
    }
}

fn options(url: &str, field: &'static str) -> Result<PgConnectOptions> {
    let options = address::options(url)
        .map_err(|error| error.field(field))?
        .application_name("hub")
        .statement_cache_capacity(STATEMENTS_KEPT)
        // What a statement is about is told where it is asked for; its text tells nobody anything.
        .disable_statement_logging()
        .options(SESSION);
    Ok(options)
}

/// The owner's options; his URL names the same database, or none.
fn options_of_owner(url: &str, work: &PgConnectOptions) -> Result<PgConnectOptions> {
    let owner = options(url, "database_admin_url")?;
    if owner.get_database() != work.get_database() {
        let message = "the URL for migrations names another database than the one to work on";
        return Err(Error::invalid("other_database", message).field("database_admin_url"));
    }
    Ok(owner)
}

fn opening(cause: sqlx::Error) -> Error {
    failure(cause, "open the database")
}

/// What the server answers, unless it says nothing for so long. The connection is then of no use.
async fn answered<T>(
    within: Duration,
    asked: impl Future<Output = std::result::Result<T, sqlx::Error>>,
) -> std::result::Result<T, sqlx::Error> {
    #[allow(
        clippy::disallowed_methods,
        reason = "a server is silent in the machine's time, not in the hub's"
    )]
    tokio::time::timeout(within, asked).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// Runs SQL without parameters.
async fn tell(connection: &mut PgConnection, sql: String) -> std::result::Result<(), sqlx::Error> {
    use sqlx::Executor as _;
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(|_| ())
}

#[async_trait::async_trait]
impl Executor for PostgresExecutor {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn begin(&self, intent: Intent, reach: &Reach) -> Result<Box<dyn Transaction>> {
        let connections = match (intent, &self.owner) {
            (Intent::Migrate, Some(owner)) => owner,
            _ => &self.work,
        };
        let begin = self.beginning(intent, reach);
        loop {
            let mut held = self.take(connections).await?;
            match answered(KEEPING.patience, tell(held.connection()?, begin.clone())).await {
                Ok(()) => return Ok(Box::new(PostgresTransaction { held, failed: false })),
                // After a restart of the server every idle connection is dead; nothing ran on it yet.
                Err(cause) if !held.is_fresh() && is_stale(&cause) => {}
                Err(cause) => {
                    let missing = wall::missing_role(&cause, &self.role);
                    return Err(missing.unwrap_or_else(|| failure(cause, "begin a transaction")));
                }
            }
        }
    }

    async fn secure(&self, migration: &mut dyn Transaction) -> Result<()> {
        wall::build(migration, &self.login).await
    }

    async fn check(&self) -> Result<()> {
        let mut transaction = self.begin(Intent::Read, &Reach::nobody()).await?;
        wall::check(transaction.as_mut(), &self.role).await?;
        transaction.rollback().await
    }

    async fn prepare(&self, statement: &Statement) -> Result<()> {
        use sqlx::Executor as _;
        let mut held = self.take(&self.work).await?;
        let text = AssertSqlSafe(statement.text().to_owned()).into_sql_str();
        let prepared = held.connection()?.prepare(text).await.map(|_| ());
        prepared.map_err(|cause| failure(cause, "prepare a statement"))?;
        held.give_back();
        Ok(())
    }

    async fn shutdown(&self) {
        self.work.shutdown().await;
        if let Some(owner) = &self.owner {
            owner.shutdown().await;
        }
        let alone =
            self.alone.as_ref().and_then(|held| held.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(connection) = alone
            && let Err(error) = connection.close().await
        {
            tracing::debug!(%error, "a connection could not be closed");
        }
    }
}

/// A transaction; dropped before its end its connection is closed, which undoes it.
struct PostgresTransaction {
    held: Held<PgConnection>,
    /// A statement has failed and was not undone. PostgreSQL would answer a commit with success
    /// then, and roll back.
    failed: bool,
}

/// Something was to be committed of which a part had failed.
#[derive(Debug, thiserror::Error)]
#[error("a transaction was to be committed after one of its statements had failed")]
struct Failed;

/// Rows that one insert takes at most.
const ROWS_AT_ONCE: usize = 1_000;

impl PostgresTransaction {
    /// Inserts into several tables as one statement: a way to the server and back costs more than most
    /// inserts do. Their tables differ, and foreign keys are checked at its end.
    async fn insert(&mut self, inserts: Vec<(BulkInsert, Vec<Vec<Value>>)>) -> Result<()> {
        let mut parts = Vec::with_capacity(inserts.len());
        let mut columns = Vec::new();
        for (insert, rows) in inserts {
            parts.push(insert.of_arrays(columns.len()));
            columns.extend(values::columns(insert.types, rows)?);
        }
        let Some(last) = parts.pop() else { return Ok(()) };
        let parts: Vec<String> =
            parts.iter().enumerate().map(|(n, part)| format!("part{n} AS ({part})")).collect();
        let sql = if parts.is_empty() { last } else { format!("WITH {} {last}", parts.join(", ")) };
        let outcome = self.fetch(&sql, |_| values::arrays(columns)).await;
        self.failed |= outcome.is_err();
        outcome.map(|_| ())
    }

    async fn bulk(&mut self, insert: BulkInsert, mut rows: Vec<Vec<Value>>) -> Result<()> {
        while rows.len() > ROWS_AT_ONCE {
            let rest = rows.split_off(ROWS_AT_ONCE);
            self.insert(vec![(insert, std::mem::replace(&mut rows, rest))]).await?;
        }
        self.insert(vec![(insert, rows)]).await
    }

    /// Runs the inserts that were gathered.
    async fn flush(&mut self, gathered: &mut Vec<(BulkInsert, Vec<Vec<Value>>)>) -> Result<()> {
        let inserts = std::mem::take(gathered);
        if inserts.is_empty() { Ok(()) } else { self.insert(inserts).await }
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
        let bind = |wanted: &[PgTypeInfo]| {
            let mut arguments = PgArguments::default();
            values::bind(&mut arguments, parameters, wanted).map(|()| arguments)
        };
        let rows = self.fetch(statement.text(), bind).await?;
        rows.iter().map(values::read).collect()
    }

    async fn join(&mut self, question: JoinStatement, rows: Vec<Vec<Value>>) -> Result<Vec<Row>> {
        let (statement, _) = question.of_length(Dialect::Postgres, rows.len());
        let columns = values::columns(question.types, rows)?;
        let outcome = self.fetch(statement.text(), |_| values::arrays(columns)).await;
        self.failed |= outcome.is_err();
        outcome?.iter().map(values::read).collect()
    }

    /// Runs a statement with what is bound to the types that it wants.
    async fn fetch(
        &mut self,
        sql: &str,
        bind: impl FnOnce(&[PgTypeInfo]) -> Result<PgArguments>,
    ) -> Result<Vec<PgRow>> {
        use sqlx::Executor as _;
        let failed = |cause| failure(cause, "run a statement");
        // The connection knows it from the last time, and answers without asking the server.
        let connection = self.held.connection()?;
        let prepared = connection.prepare(AssertSqlSafe(sql.to_owned()).into_sql_str());
        let prepared = answered(SILENCE, prepared).await.map_err(failed)?;
        let wanted = match prepared.parameters() {
            Some(Either::Left(types)) => types,
            _ => &[],
        };
        let query = prepared.query_with(bind(wanted)?);
        answered(SILENCE, connection.fetch_all(query)).await.map_err(failed)
    }
}

#[async_trait::async_trait]
impl Transaction for PostgresTransaction {
    async fn batch(&mut self, calls: Vec<Call>) -> Result<Vec<Vec<Row>>> {
        let mut answers = Vec::with_capacity(calls.len());
        let mut gathered: Vec<(BulkInsert, Vec<Vec<Value>>)> = Vec::new();
        for call in calls {
            match call {
                Call::Statement(statement, parameters) => {
                    self.flush(&mut gathered).await?;
                    answers.push(self.statement(&statement, parameters).await?);
                }
                Call::Join(question, rows) => {
                    self.flush(&mut gathered).await?;
                    answers.push(self.join(question, rows).await?);
                }
                Call::Bulk(insert, rows) => {
                    if gathered.iter().any(|(other, _)| other.table() == insert.table()) {
                        self.flush(&mut gathered).await?;
                    }
                    if rows.len() > ROWS_AT_ONCE {
                        self.flush(&mut gathered).await?;
                        self.bulk(insert, rows).await?;
                    } else {
                        gathered.push((insert, rows));
                    }
                    answers.push(Vec::new());
                }
            }
        }
        self.flush(&mut gathered).await?;
        Ok(answers)
    }

    async fn script(&mut self, sql: &str) -> Result<()> {
        let ran = tell(self.held.connection()?, sql.to_owned()).await;
        self.failed |= ran.is_err();
        ran.map_err(failure_of_migration)
    }

    async fn commit_with(mut self: Box<Self>, last: Vec<Call>) -> Result<()> {
        self.batch(last).await?;
        if self.failed {
            return Err(Error::internal(Failed));
        }
        let committed = tell(self.held.connection()?, "COMMIT".to_owned());
        answered(SILENCE, committed).await.map_err(|cause| failure(cause, "commit"))?;
        self.held.give_back();
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<()> {
        let undone = tell(self.held.connection()?, "ROLLBACK".to_owned());
        answered(SILENCE, undone).await.map_err(|cause| failure(cause, "roll back"))?;
        self.held.give_back();
        Ok(())
    }
}
