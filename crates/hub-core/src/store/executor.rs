//! The port behind which a database stands: statements in, rows out, inside a transaction.
//!
//! No streams, no session state, no notifications: the smallest of the executors has none of them.

use super::dialect::Dialect;
use super::statement::{BulkInsert, Statement};
use super::value::{Row, Value};
use crate::Result;
use std::fmt::Debug;

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Reads one consistent state.
    Read,
    /// Writes. On a database with one writer it holds that place from its beginning.
    Write,
}

/// A database.
#[async_trait::async_trait]
pub trait Executor: Send + Sync + Debug {
    /// How this database differs from the others.
    fn dialect(&self) -> Dialect;

    /// Begins a transaction. Dropping it rolls it back.
    ///
    /// # Errors
    /// `unavailable` when the database cannot be reached or is busy for too long.
    async fn begin(&self, intent: Intent) -> Result<Box<dyn Transaction>>;

    /// Asks the database to understand a statement without running it.
    ///
    /// # Errors
    /// `internal` when it does not.
    async fn prepare(&self, statement: &Statement) -> Result<()>;

    /// Closes every connection; what is under way is rolled back.
    async fn shutdown(&self);
}

/// One transaction.
#[async_trait::async_trait]
pub trait Transaction: Send {
    /// Runs one statement and answers its rows.
    ///
    /// # Errors
    /// `unavailable` when the database fails, `internal` when it refuses the statement.
    async fn query(&mut self, statement: &Statement, parameters: Vec<Value>) -> Result<Vec<Row>>;

    /// Inserts many rows; each must have as many values as the insert has columns.
    ///
    /// # Errors
    /// As [`Transaction::query`].
    async fn bulk(&mut self, insert: &BulkInsert, rows: Vec<Vec<Value>>) -> Result<()>;

    /// Runs several statements without parameters, as migrations are.
    ///
    /// # Errors
    /// As [`Transaction::query`].
    async fn script(&mut self, sql: &str) -> Result<()>;

    /// Makes everything durable.
    ///
    /// # Errors
    /// `unavailable`; nothing is then promised about the outcome.
    async fn commit(self: Box<Self>) -> Result<()>;

    /// Undoes everything.
    ///
    /// # Errors
    /// `unavailable`; the database then undoes it by itself.
    async fn rollback(self: Box<Self>) -> Result<()>;
}
