//! The executor for SQLite: one writer, readers beside it, WAL, every commit synced to disk.

mod alone;
mod checkpoint;

use super::connections::{Connections, Held, Keeping};
use super::dialect::Dialect;
use super::executor::{Call, Executor, Intent, Transaction};
use super::reach::Reach;
use super::statement::{BulkInsert, JoinStatement, Statement};
use super::value::{Row, Value};
use crate::{Error, Result};
pub use alone::nobody_has_open;
use checkpoint::Checkpointer;

use futures_util::TryStreamExt as _;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{
    Arguments as _, AssertSqlSafe, ConnectOptions as _, Either, Row as _, SqlSafeStr as _, TypeInfo as _,
    ValueRef as _,
};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Readers that work beside the writer.
const READERS: u32 = 4;
/// Prepared statements that a connection keeps.
const STATEMENTS_KEPT: usize = 400;

/// Rows that a connection reads ahead of whoever takes them: each time it has to wait costs a way between two threads.
const ROWS_AHEAD: usize = 1_000;

/// SQLite in one file.
#[derive(Debug)]
pub struct SqliteExecutor {
    writer: Connections<SqliteConnection>,
    readers: Connections<SqliteConnection>,
    checkpointer: Arc<Checkpointer>,
}

/// A file goes nowhere, and whoever waits for it waits for others of this process: for as long as it
/// takes, within reason.
fn keep(most: u32) -> Keeping {
    let always = Duration::from_secs(u64::from(u32::MAX));
    Keeping { most, patience: Duration::from_secs(60), idle: always, lifetime: always }
}

fn opening(cause: sqlx::Error) -> Error {
    failure(cause, "open the database")
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
            .row_buffer_size(ROWS_AHEAD)
            // What a statement is about is told where it is asked for; its text tells nobody anything.
            .disable_statement_logging()
            // Content that is forgotten is overwritten, not only unlinked.
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY")
            // What the checkpointer has not moved by then the writer moves itself.
            .pragma("wal_autocheckpoint", "8000")
            .pragma("cache_size", "-32000");
        let writer = Connections::new(options.clone(), keep(1));
        // The first connection makes the file, and tells at once when that cannot be.
        writer.take(opening).await?.give_back();
        let checkpointer = Arc::new(Checkpointer::start(options.clone()));
        // Readers look here and there; a large cache of each would only be memory.
        let lean = options.pragma("query_only", "ON").pragma("cache_size", "-8000");
        let readers = Connections::new(lean, keep(READERS));
        Ok(Self { writer, readers, checkpointer })
    }
}

#[async_trait::async_trait]
impl Executor for SqliteExecutor {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn begin(&self, intent: Intent, _reach: &Reach) -> Result<Box<dyn Transaction>> {
        let (connections, begin) = match intent {
            Intent::Write | Intent::Migrate => (&self.writer, "BEGIN IMMEDIATE"),
            Intent::Read => (&self.readers, "BEGIN"),
        };
        let held = connections.take(opening).await?;
        Ok(Box::new(SqliteTransaction {
            held,
            begin: Some(begin),
            written: 0,
            checkpointer: self.checkpointer.clone(),
        }))
    }

    async fn prepare(&self, statement: &Statement) -> Result<()> {
        use sqlx::Executor as _;
        let mut held = self.readers.take(opening).await?;
        held.connection()?
            .prepare(AssertSqlSafe(statement.text().to_owned()).into_sql_str())
            .await
            .map_err(|cause| failure(cause, "prepare a statement"))?;
        held.give_back();
        Ok(())
    }

    async fn shutdown(&self) {
        self.checkpointer.shutdown().await;
        self.readers.shutdown().await;
        self.writer.shutdown().await;
    }
}

/// A transaction begins with its first batch. Unless it ends by a commit or a roll-back its
/// connection is closed, which undoes it.
struct SqliteTransaction {
    held: Held<SqliteConnection>,
    /// How it begins, until it has.
    begin: Option<&'static str>,
    /// Parameters that it was given: about how much it wrote.
    written: usize,
    checkpointer: Arc<Checkpointer>,
}

/// Statements that go to the database's thread together, as one text with anonymous parameters.
#[derive(Default)]
struct Script {
    sql: String,
    arguments: SqliteArguments,
    statements: usize,
}

impl Script {
    fn add(&mut self, sql: &str, parameters: Vec<Value>) -> Result<()> {
        if !self.sql.is_empty() {
            self.sql.push_str(";\n");
        }
        self.statements += 1;
        if !sql.contains('$') {
            self.sql.push_str(sql);
            return parameters.into_iter().try_for_each(|parameter| self.bind(parameter));
        }
        // `$n` counts from the beginning of the whole text: it becomes the next anonymous one.
        let mut parts = sql.split('$');
        self.sql.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = part.split_at(digits);
            let number: usize = number.parse().map_err(Error::internal)?;
            let parameter = parameters.get(number.wrapping_sub(1)).cloned();
            self.bind(parameter.ok_or_else(|| Error::internal(Unbound(number)))?)?;
            self.sql.push('?');
            self.sql.push_str(rest);
        }
        Ok(())
    }

    fn join(&mut self, question: JoinStatement, rows: Vec<Vec<Value>>) -> Result<()> {
        let (statement, padded) = question.of_length(Dialect::Sqlite, rows.len());
        let missing = padded.saturating_sub(rows.len());
        let last = rows.last().cloned();
        // Its parameters are anonymous already.
        let again = last.into_iter().flat_map(|last| std::iter::repeat_n(last, missing));
        self.add(statement.text(), rows.into_iter().chain(again).flatten().collect())
    }

    fn bulk(&mut self, insert: &BulkInsert, rows: Vec<Vec<Value>>) -> Result<()> {
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        while left > 0 {
            let step = BulkInsert::step(left);
            let parameters = rows.by_ref().take(step).flatten().collect();
            self.add(insert.statement(Dialect::Sqlite, step).text(), parameters)?;
            left -= step;
        }
        Ok(())
    }

    fn bind(&mut self, parameter: Value) -> Result<()> {
        match parameter {
            Value::Null => self.arguments.add(Option::<i64>::None),
            Value::Int(value) => self.arguments.add(value),
            Value::Real(value) => self.arguments.add(value),
            Value::Text(value) => self.arguments.add(value),
            Value::Blob(value) => self.arguments.add(value),
        }
        .map_err(Error::internal)
    }
}

/// A statement names a parameter that it was not given.
#[derive(Debug, thiserror::Error)]
#[error("parameter {0} of a statement was not given")]
struct Unbound(usize);

impl SqliteTransaction {
    /// Runs calls and, behind them, `end`; answers the rows of each call.
    async fn send(&mut self, calls: Vec<Call>, end: Option<&str>) -> Result<Vec<Vec<Row>>> {
        use sqlx::Executor as _;
        let mut script = Script::default();
        if let Some(begin) = self.begin {
            script.add(begin, Vec::new())?;
        }
        // The number of statements before each call is at its end.
        let mut ends = Vec::with_capacity(calls.len());
        for call in calls {
            match call {
                Call::Statement(statement, parameters) => script.add(statement.text(), parameters)?,
                Call::Bulk(insert, rows) => script.bulk(&insert, rows)?,
                Call::Join(question, rows) => script.join(question, rows)?,
            }
            ends.push(script.statements);
        }
        if let Some(end) = end {
            script.add(end, Vec::new())?;
        }
        if script.statements == 0 {
            return Ok(Vec::new());
        }
        self.written += script.arguments.len();
        let (mut answers, mut done) = (vec![Vec::new(); ends.len()], 0);
        let mut call = 0;
        let query = sqlx::query_with(AssertSqlSafe(script.sql), script.arguments);
        let mut steps = self.held.connection()?.fetch_many(query);
        while let Some(step) = steps.try_next().await.map_err(|cause| failure(cause, "run statements"))? {
            // From here on there is a transaction to be undone.
            self.begin = None;
            match step {
                Either::Left(_) => {
                    done += 1;
                    while ends.get(call).is_some_and(|end| *end <= done) {
                        call += 1;
                    }
                }
                Either::Right(row) => {
                    while ends.get(call).is_some_and(|end| *end <= done) {
                        call += 1;
                    }
                    if let Some(rows) = answers.get_mut(call) {
                        rows.push(read(&row)?);
                    }
                }
            }
        }
        Ok(answers)
    }
}

#[async_trait::async_trait]
impl Transaction for SqliteTransaction {
    async fn batch(&mut self, calls: Vec<Call>) -> Result<Vec<Vec<Row>>> {
        if calls.is_empty() { Ok(Vec::new()) } else { self.send(calls, None).await }
    }

    async fn script(&mut self, sql: &str) -> Result<()> {
        use sqlx::Executor as _;
        self.send(Vec::new(), None).await?;
        let script = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        self.held
            .connection()?
            .execute(script)
            .await
            .map(|_| ())
            .map_err(|cause| failure(cause, "run a migration"))
    }

    async fn commit_with(mut self: Box<Self>, last: Vec<Call>) -> Result<()> {
        if self.begin.is_some() && last.is_empty() {
            self.held.give_back();
            return Ok(());
        }
        self.send(last, Some("COMMIT")).await?;
        self.checkpointer.wrote(self.written);
        self.held.give_back();
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<()> {
        if self.begin.is_none() {
            self.send(Vec::new(), Some("ROLLBACK")).await?;
        }
        self.held.give_back();
        Ok(())
    }
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
