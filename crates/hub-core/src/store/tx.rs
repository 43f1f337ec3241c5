//! A transaction as the concepts of the hub see it: statements, the log, and the instant.

use super::dialect::Dialect;
use super::executor::Transaction;
use super::heads::{Heads, Mark};
use super::statement::{BulkInsert, ListStatement, Statement};
use super::value::{Row, Value};
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::context::Scoped;
use crate::entropy::{Entropy, Ids};
use crate::{Error, Result};
use hub_protocol::vocabulary::ErrorKind;
use std::sync::Arc;
use uuid::Uuid;

const SAVEPOINT: Statement = Statement::new("SAVEPOINT operation");
const RELEASE: Statement = Statement::new("RELEASE SAVEPOINT operation");
const UNDO: Statement = Statement::new("ROLLBACK TO SAVEPOINT operation");

/// Bytes that are drawn from the machine together.
const RANDOM_AT_ONCE: usize = 1_024;

/// Randomness and identifiers, for what is made inside a transaction.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) ids: Arc<dyn Ids>,
}

/// One transaction.
pub(crate) struct Tx {
    inner: Box<dyn Transaction>,
    heads: Heads,
    sources: Sources,
    dialect: Dialect,
    now: Timestamp,
    random: Vec<u8>,
}

impl Tx {
    pub(crate) fn new(
        inner: Box<dyn Transaction>,
        dialect: Dialect,
        sources: Sources,
        now: Timestamp,
    ) -> Self {
        Self { inner, heads: Heads::default(), sources, dialect, now, random: Vec::new() }
    }

    /// The instant of this transaction: everything in it happens then.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn new_id(&self) -> Result<Uuid> {
        self.sources.ids.next(self.now)
    }

    pub(crate) fn random<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        if self.random.len() < N {
            // One call to the machine for many salts.
            self.random.resize(RANDOM_AT_ONCE.max(N), 0);
            self.sources.entropy.fill(&mut self.random)?;
        }
        for (byte, random) in bytes.iter_mut().zip(self.random.drain(..N)) {
            *byte = random;
        }
        Ok(bytes)
    }

    pub(crate) async fn rows(&mut self, statement: &Statement, parameters: Vec<Value>) -> Result<Vec<Row>> {
        self.inner.query(statement, parameters).await
    }

    /// The only row of an answer that has one at most.
    pub(crate) async fn row(&mut self, statement: &Statement, parameters: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.rows(statement, parameters).await?.into_iter().next())
    }

    pub(crate) async fn run(&mut self, statement: &Statement, parameters: Vec<Value>) -> Result<()> {
        self.rows(statement, parameters).await.map(|_| ())
    }

    /// Rows for a list of any length, a stretch of it at a time.
    pub(crate) async fn rows_of_list(
        &mut self,
        statement: ListStatement,
        before: &[Value],
        list: &[Value],
    ) -> Result<Vec<Row>> {
        let mut found = Vec::new();
        for part in list.chunks(ListStatement::LONGEST) {
            let (statement, padded) = statement.of_length(self.dialect, part.len());
            let mut parameters = before.to_vec();
            parameters.extend_from_slice(part);
            if let Some(last) = part.last() {
                parameters.resize(before.len() + padded, last.clone());
            }
            found.extend(self.rows(&statement, parameters).await?);
        }
        Ok(found)
    }

    pub(crate) async fn bulk(&mut self, insert: &BulkInsert, rows: Vec<Vec<Value>>) -> Result<()> {
        self.inner.bulk(insert, rows).await
    }

    /// Appends to the agent's log, in this commit, and answers the entry's sequence number.
    pub(crate) async fn audit(&mut self, agent: Scoped, draft: EntryDraft) -> Result<i64> {
        self.heads.append(self.inner.as_mut(), agent, draft).await
    }

    /// Begins an operation that may fail without taking the others of the transaction with it.
    pub(crate) async fn savepoint(&mut self) -> Result<Mark> {
        self.run(&SAVEPOINT, vec![]).await?;
        Ok(self.heads.mark())
    }

    pub(crate) async fn release(&mut self) -> Result<()> {
        self.run(&RELEASE, vec![]).await
    }

    pub(crate) async fn undo(&mut self, mark: Mark) -> Result<()> {
        self.heads.return_to(mark);
        self.run(&UNDO, vec![]).await?;
        self.run(&RELEASE, vec![]).await
    }

    pub(crate) async fn commit(mut self) -> Result<()> {
        self.heads.flush(self.inner.as_mut()).await?;
        self.inner.commit().await.map_err(|error| match error.kind() {
            ErrorKind::Unavailable => error,
            _ => Error::unavailable("commit_failed", "the write could not be made durable").because(error),
        })
    }

    pub(crate) async fn rollback(self) {
        if let Err(error) = self.inner.rollback().await {
            tracing::debug!(%error, "a roll-back failed; the database does it by itself");
        }
    }
}
