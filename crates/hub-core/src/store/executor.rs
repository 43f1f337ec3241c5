//! The port behind which a database stands: statements in, rows out, inside a transaction.
//!
//! No streams, no session state, no notifications: the smallest of the executors has none of them.

use super::dialect::Dialect;
use super::reach::Reach;
use super::statement::{BulkInsert, JoinStatement, Statement};
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
    /// Changes the schema, as whoever owns it.
    Migrate,
}

/// A database.
#[async_trait::async_trait]
pub trait Executor: Send + Sync + Debug {
    /// How this database differs from the others.
    fn dialect(&self) -> Dialect;

    /// Begins a transaction that sees and writes rows of the agents in `reach` and of no other, where
    /// the database has a wall between them. Dropping it rolls it back.
    ///
    /// # Errors
    /// `unavailable` when the database cannot be reached or is busy for too long.
    async fn begin(&self, intent: Intent, reach: &Reach) -> Result<Box<dyn Transaction>>;

    /// Builds, in the transaction of the migrations, what keeps agents apart inside the database and
    /// is no part of the schema, such as roles. Asked at each start, it changes nothing that stands.
    ///
    /// # Errors
    /// `denied` when the migrating role may not build it, else as [`Transaction::batch`].
    async fn secure(&self, _migration: &mut dyn Transaction) -> Result<()> {
        Ok(())
    }

    /// Looks, after the migrations and before the first piece of work, whether the hub can rely on this
    /// database.
    ///
    /// # Errors
    /// With a code of its own for each reason why not.
    async fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Asks the database to understand a statement without running it.
    ///
    /// # Errors
    /// `internal` when it does not.
    async fn prepare(&self, statement: &Statement) -> Result<()>;

    /// Closes every connection; what is under way is rolled back.
    async fn shutdown(&self);
}

/// One statement to be run, or one bulk insert.
#[derive(Debug, Clone)]
pub enum Call {
    /// A statement with its parameters.
    Statement(Statement, Vec<Value>),
    /// Rows to be inserted; each must have as many values as the insert has columns.
    Bulk(BulkInsert, Vec<Vec<Value>>),
    /// A question about rows, [`JoinStatement::MOST`] at most.
    Join(JoinStatement, Vec<Vec<Value>>),
}

impl Call {
    /// The questions about rows, however many.
    pub(crate) fn joins(statement: JoinStatement, rows: impl IntoIterator<Item = Vec<Value>>) -> Vec<Self> {
        let mut left = rows.into_iter();
        let mut questions = Vec::new();
        loop {
            let part: Vec<Vec<Value>> = left.by_ref().take(JoinStatement::MOST).collect();
            if part.is_empty() {
                return questions;
            }
            questions.push(Self::Join(statement, part));
        }
    }
}

/// One transaction.
#[async_trait::async_trait]
pub trait Transaction: Send {
    /// Runs calls in their order and answers the rows of each; a bulk insert has none. Where it can
    /// the executor sends them together, for each way to a database and back costs more than most
    /// statements do. After an error nothing that stands behind the failed call has run.
    ///
    /// # Errors
    /// `unavailable` when the database fails, `internal` when it refuses a statement.
    async fn batch(&mut self, calls: Vec<Call>) -> Result<Vec<Vec<Row>>>;

    /// Runs several statements without parameters, as migrations are.
    ///
    /// # Errors
    /// As [`Transaction::batch`].
    async fn script(&mut self, sql: &str) -> Result<()>;

    /// Runs these calls last, and makes everything durable.
    ///
    /// # Errors
    /// As [`Transaction::batch`], and everything is undone; `unavailable` when the commit itself
    /// fails, and nothing is then promised about the outcome.
    async fn commit_with(self: Box<Self>, last: Vec<Call>) -> Result<()>;

    /// Undoes everything.
    ///
    /// # Errors
    /// `unavailable`; the database then undoes it by itself.
    async fn rollback(self: Box<Self>) -> Result<()>;
}

impl<'d> dyn Transaction + 'd {
    /// Runs one statement and answers its rows.
    ///
    /// # Errors
    /// As [`Transaction::batch`].
    pub async fn query(&mut self, statement: &Statement, parameters: Vec<Value>) -> Result<Vec<Row>> {
        let mut answers = self.batch(vec![Call::Statement(statement.clone(), parameters)]).await?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// Inserts many rows.
    ///
    /// # Errors
    /// As [`Transaction::batch`].
    pub async fn bulk(&mut self, insert: &BulkInsert, rows: Vec<Vec<Value>>) -> Result<()> {
        self.batch(vec![Call::Bulk(*insert, rows)]).await.map(|_| ())
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// As [`Transaction::commit_with`].
    pub async fn commit(self: Box<Self>) -> Result<()> {
        self.commit_with(Vec::new()).await
    }
}
