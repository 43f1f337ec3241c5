//! The executor for SQLite: one writer, readers beside it, WAL, every commit synced to disk.

use super::dialect::Dialect;
use super::executor::{Executor, Intent, Transaction};
use super::statement::{BulkInsert, Sql, Statement};
use super::value::{Row, Value};
use crate::{Error, Result};
use futures_util::TryStreamExt as _;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{
    Arguments as _, AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _, SqlSafeStr as _, Sqlite,
    TypeInfo as _, ValueRef as _,
};
use std::path::Path;
use std::time::Duration;

/// Readers that work beside the writer.
const READERS: u32 = 4;
/// Prepared statements that a connection keeps.
const STATEMENTS_KEPT: usize = 400;

/// SQLite in one file.
#[derive(Debug)]
pub struct SqliteExecutor {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteExecutor {
    /// Opens the database file, making it when it is absent.
    ///
    /// # Errors
    /// `unavailable` when the file cannot be opened or made.
    pub async fn open(file: &Path) -> Result<Self> {
        Self::connect(file, true).await
    }

    /// Opens a database file that must be there.
    ///
    /// # Errors
    /// `unavailable` when the file is absent or cannot be opened.
    pub async fn open_existing(file: &Path) -> Result<Self> {
        Self::connect(file, false).await
    }

    async fn connect(file: &Path, create: bool) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(create)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .statement_cache_capacity(STATEMENTS_KEPT)
            // What a statement is about is told where it is asked for; its text tells nobody anything.
            .disable_statement_logging()
            // Content that is forgotten is overwritten, not only unlinked.
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY")
            .pragma("wal_autocheckpoint", "4000")
            .pragma("cache_size", "-32000");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await
            .map_err(|cause| failure(cause, "open the database"))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .idle_timeout(Some(Duration::from_secs(60)))
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire(false)
            .connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self { writer, readers })
    }
}

#[async_trait::async_trait]
impl Executor for SqliteExecutor {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn begin(&self, intent: Intent) -> Result<Box<dyn Transaction>> {
        let (pool, begin) = match intent {
            Intent::Write => (&self.writer, "BEGIN IMMEDIATE"),
            Intent::Read => (&self.readers, "BEGIN"),
        };
        let connection = idle(pool).await.map_err(|cause| failure(cause, "take a connection"))?;
        let transaction = sqlx::Transaction::begin(connection, Some(begin.into_sql_str())).await;
        Ok(Box::new(SqliteTransaction(transaction.map_err(|cause| failure(cause, "begin a transaction"))?)))
    }

    async fn prepare(&self, statement: &Statement) -> Result<()> {
        use sqlx::Executor as _;
        let mut connection =
            self.readers.acquire().await.map_err(|cause| failure(cause, "take a connection"))?;
        connection
            .prepare(AssertSqlSafe(statement.text().to_owned()).into_sql_str())
            .await
            .map(|_| ())
            .map_err(|cause| failure(cause, "prepare a statement"))
    }

    async fn shutdown(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A connection without a transaction. On a full disk SQLite ends a transaction by itself; the
/// driver, which then finds nothing to roll back, counts it as open for good, and the connection
/// could begin no other: it is replaced.
async fn idle(pool: &SqlitePool) -> std::result::Result<PoolConnection<Sqlite>, sqlx::Error> {
    loop {
        let mut connection = pool.acquire().await?;
        if !connection.is_in_transaction() {
            return Ok(connection);
        }
        // A roll-back may still be under way; what is asked after it is answered after it.
        connection.ping().await?;
        if !connection.is_in_transaction() {
            return Ok(connection);
        }
        tracing::debug!("a connection is replaced whose transaction ended by itself");
        connection.close().await?;
    }
}

struct SqliteTransaction(sqlx::Transaction<'static, Sqlite>);

#[async_trait::async_trait]
impl Transaction for SqliteTransaction {
    async fn query(&mut self, statement: &Statement, parameters: Vec<Value>) -> Result<Vec<Row>> {
        let arguments = bind(parameters)?;
        let mut rows = match &statement.sql {
            Sql::Fixed(sql) => sqlx::query_with(*sql, arguments).fetch(&mut *self.0),
            Sql::Assembled(sql) => {
                sqlx::query_with(AssertSqlSafe(sql.clone()), arguments).fetch(&mut *self.0)
            }
        };
        let mut found = Vec::new();
        while let Some(row) = rows.try_next().await.map_err(|cause| failure(cause, statement.text()))? {
            found.push(read(&row)?);
        }
        Ok(found)
    }

    async fn bulk(&mut self, insert: &BulkInsert, rows: Vec<Vec<Value>>) -> Result<()> {
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        while left > 0 {
            // Every length up to the most is a statement of its own: each costs a way to the
            // database's thread and back, which is dearer than keeping it prepared.
            let step = left.min(BulkInsert::MOST);
            let parameters = rows.by_ref().take(step).flatten().collect();
            self.query(&insert.statement(Dialect::Sqlite, step), parameters).await?;
            left -= step;
        }
        Ok(())
    }

    async fn script(&mut self, sql: &str) -> Result<()> {
        use sqlx::Executor as _;
        self.0
            .execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())))
            .await
            .map(|_| ())
            .map_err(|cause| failure(cause, "run a migration"))
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        self.0.commit().await.map_err(|cause| failure(cause, "commit"))
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        self.0.rollback().await.map_err(|cause| failure(cause, "roll back"))
    }
}

fn bind(parameters: Vec<Value>) -> Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(parameters.len(), 0);
    for parameter in parameters {
        match parameter {
            Value::Null => arguments.add(Option::<i64>::None),
            Value::Int(value) => arguments.add(value),
            Value::Real(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Blob(value) => arguments.add(value),
        }
        .map_err(Error::internal)?;
    }
    Ok(arguments)
}

fn read(row: &SqliteRow) -> Result<Row> {
    let mut columns = Vec::with_capacity(row.len());
    for index in 0..row.len() {
        let raw = row.try_get_raw(index).map_err(Error::internal)?;
        let value = if raw.is_null() {
            Value::Null
        } else {
            match raw.type_info().name() {
                "INTEGER" => Value::Int(row.try_get_unchecked(index).map_err(Error::internal)?),
                "REAL" => Value::Real(row.try_get_unchecked(index).map_err(Error::internal)?),
                "TEXT" => Value::Text(row.try_get_unchecked(index).map_err(Error::internal)?),
                _ => Value::Blob(row.try_get_unchecked(index).map_err(Error::internal)?),
            }
        };
        columns.push(value);
    }
    Ok(Row::new(columns))
}

/// What SQLite's result codes ask the caller to do (<https://www.sqlite.org/rescode.html>).
fn failure(cause: sqlx::Error, doing: &str) -> Error {
    let code = cause
        .as_database_error()
        .and_then(|error| error.code())
        .and_then(|code| code.parse::<i32>().ok())
        .map(|code| code & 0xff);
    tracing::debug!(error = %cause, doing, code, "the database failed");
    match code {
        Some(13) => Error::unavailable("disk_full", "the disk that holds the data is full").because(cause),
        Some(8) => Error::unavailable("store_read_only", "the database cannot be written to").because(cause),
        Some(5 | 6 | 10 | 14) => {
            Error::unavailable("store_unavailable", "the database is not available").because(cause)
        }
        Some(_) => Error::internal(cause),
        None => match cause {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => {
                Error::unavailable("store_unavailable", "the database is not available").because(cause)
            }
            cause => Error::internal(cause),
        },
    }
}
