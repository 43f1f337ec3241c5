//! A transaction as the concepts of the hub see it: statements, the log, and the instant.

use super::across::Across;
use super::dialect::Dialect;
use super::executor::{Call, Transaction};
use super::heads::{Heads, Mark};
use super::reach::Reach;
use super::statement::{BulkInsert, ListStatement, Statement};
use super::value::{Row, Value};
use crate::Result;
use crate::audit::{Digest, EntryDraft};
use crate::clock::Timestamp;
use crate::context::Scoped;
use crate::entropy::{Entropy, Ids};
use crate::ids::AgentId;
use crate::queue::Queue;
use crate::text::{has_nul, nul};
use crate::trace::Traces;
use futures_util::future::join;
use std::sync::Arc;
use uuid::Uuid;

const SAVEPOINT: Statement = Statement::new("SAVEPOINT operation");
const RELEASE: Statement = Statement::new("RELEASE SAVEPOINT operation");
const UNDO: Statement = Statement::new("ROLLBACK TO SAVEPOINT operation");

impl Pen {
    /// As [`Tx::now`].
    pub(crate) fn now(&self) -> Timestamp {
        self.now
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

    /// As [`Tx::audit`], for a log whose head was read.
    pub(crate) fn append(&mut self, agent: Scoped, draft: &EntryDraft) -> Result<i64> {
        self.heads.append(agent, draft)
    }
}

/// Refuses, before anything is sent, text that only one of the databases can hold. Whoever takes text
/// from a caller names its field; this is for what nobody looked at.
fn check_texts<'c>(calls: impl IntoIterator<Item = &'c Call>) -> Result<()> {
    let bad = |value: &Value| matches!(value, Value::Text(text) if has_nul(text));
    let found = calls.into_iter().any(|call| match call {
        Call::Statement(_, parameters) => parameters.iter().any(bad),
        Call::Bulk(_, rows) => rows.iter().flatten().any(bad),
        Call::Join(_, rows) => rows.iter().flatten().any(bad),
    });
    if found { Err(nul()) } else { Ok(()) }
}

fn is_savepoint(call: &Call) -> bool {
    matches!(call, Call::Statement(statement, _) if statement.text() == SAVEPOINT.text())
}

/// Whether a call only marks where operations begin and end, and so cannot fail.
fn is_mark(call: &Call) -> bool {
    let marks = [&SAVEPOINT, &RELEASE, &UNDO];
    matches!(call, Call::Statement(statement, _) if marks.iter().any(|mark| mark.text() == statement.text()))
}

/// Bytes that are drawn from the machine together.
const RANDOM_AT_ONCE: usize = 1_024;

/// Randomness and identifiers, for what is made inside a transaction, and what it follows from.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) traces: Arc<dyn Traces>,
}

/// One transaction.
pub(crate) struct Tx {
    inner: Box<dyn Transaction>,
    /// What is to be run before the next question, or the commit: nobody waits for its answer.
    behind: Vec<Call>,
    dialect: Dialect,
    pen: Pen,
    /// Queues that get work by this commit.
    rung: Vec<Queue>,
    /// Blobs to be removed after this commit unless something refers to them.
    let_go: Vec<(Scoped, Digest)>,
}

/// What a commit leaves to do.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// Queues that got work.
    pub(crate) rung: Vec<Queue>,
    /// Blobs that nothing may refer to any more.
    pub(crate) let_go: Vec<(Scoped, Digest)>,
}

/// What a transaction can do without its database: number entries of the log, draw randomness.
pub(crate) struct Pen {
    heads: Heads,
    sources: Sources,
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
        let pen = Pen { heads: Heads::default(), sources, now, random: Vec::new() };
        Self { inner, behind: Vec::new(), dialect, pen, rung: Vec::new(), let_go: Vec::new() }
    }

    /// The instant of this transaction: everything in it happens then.
    pub(crate) fn now(&self) -> Timestamp {
        self.pen.now
    }

    /// Sets the instant, before anything was written.
    pub(crate) fn happens_at(&mut self, now: Timestamp) {
        self.pen.now = now;
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Who records spans.
    pub(crate) fn traces(&self) -> Arc<dyn Traces> {
        self.pen.sources.traces.clone()
    }

    pub(crate) fn new_id(&self) -> Result<Uuid> {
        self.pen.sources.ids.next(self.pen.now)
    }

    pub(crate) fn random<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.pen.random()
    }

    /// Wakes the workers of a queue once this is committed.
    pub(crate) fn ring(&mut self, queue: Queue) {
        if !self.rung.contains(&queue) {
            self.rung.push(queue);
        }
    }

    /// Removes a blob once this is committed, if no artifact is made of it by then.
    pub(crate) fn let_go(&mut self, agent: Scoped, digest: Digest) {
        self.let_go.push((agent, digest));
    }

    /// Runs what is to be run, and meanwhile does other work that needs no database.
    pub(crate) async fn meanwhile<T>(&mut self, work: impl FnOnce(&mut Pen) -> Result<T>) -> Result<T> {
        check_texts(&self.behind)?;
        if self.behind.is_empty() {
            return work(&mut self.pen);
        }
        let sent = self.inner.batch(std::mem::take(&mut self.behind));
        let (sent, done) = join(sent, async { work(&mut self.pen) }).await;
        sent.and(done)
    }

    pub(crate) async fn rows(&mut self, statement: &Statement, parameters: Vec<Value>) -> Result<Vec<Row>> {
        let mut answers = self.ask(vec![Call::Statement(statement.clone(), parameters)]).await?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// The rows of a question that spans agents.
    pub(crate) async fn across(&mut self, question: Across, parameters: Vec<Value>) -> Result<Vec<Row>> {
        self.rows(&question.of(self.dialect), parameters).await
    }

    /// Asks several questions at once, and answers the rows of each.
    pub(crate) async fn ask(&mut self, questions: Vec<Call>) -> Result<Vec<Vec<Row>>> {
        check_texts(self.behind.iter().chain(&questions))?;
        let mut calls = std::mem::take(&mut self.behind);
        let before = calls.len();
        calls.extend(questions);
        let mut answers = self.inner.batch(calls).await?;
        Ok(answers.split_off(before.min(answers.len())))
    }

    /// Waits for its turn at the logs of its agents, where several processes may write: who writes to
    /// an agent holds the row of its head until he has committed. Agents are taken in the order of
    /// their ids, so that no two wait for each other. Where there is one writer it has the turn.
    pub(crate) async fn take_turn(&mut self, reach: &Reach) -> Result<()> {
        if !self.dialect.locks_rows() || reach.is_empty() {
            return Ok(());
        }
        self.read_heads(reach.agents().collect()).await
    }

    /// Reads the heads of these agents' logs, and holds them.
    pub(crate) async fn read_heads(&mut self, agents: Vec<AgentId>) -> Result<()> {
        let questions = self.heads(&agents);
        let rows = self.ask(questions).await?;
        self.take_heads(agents, rows.into_iter().flatten())
    }

    /// The questions for the heads of those agents of the list whose heads were not read before.
    pub(crate) fn heads(&self, agents: &[AgentId]) -> Vec<Call> {
        self.pen.heads.ask(agents)
    }

    /// Takes the answers to [`Tx::heads`].
    pub(crate) fn take_heads(
        &mut self,
        agents: Vec<AgentId>,
        rows: impl IntoIterator<Item = Row>,
    ) -> Result<()> {
        self.pen.heads.read(agents, rows)
    }

    /// The only row of an answer that has one at most.
    pub(crate) async fn row(&mut self, statement: &Statement, parameters: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.rows(statement, parameters).await?.into_iter().next())
    }

    /// Runs a statement before the next question or the commit, whichever is first: an error of it
    /// is an error of that.
    pub(crate) fn run(&mut self, statement: &Statement, parameters: Vec<Value>) {
        self.behind.push(Call::Statement(statement.clone(), parameters));
    }

    /// Rows for a list of any length, a stretch of it at a time.
    pub(crate) async fn rows_of_list(
        &mut self,
        statement: ListStatement,
        before: &[Value],
        list: &[Value],
    ) -> Result<Vec<Row>> {
        let questions = self.list(statement, before, list);
        Ok(self.ask(questions).await?.into_iter().flatten().collect())
    }

    /// The questions of a list of any length, a stretch of it each.
    pub(crate) fn list(&self, statement: ListStatement, before: &[Value], list: &[Value]) -> Vec<Call> {
        let mut questions = Vec::new();
        for part in list.chunks(ListStatement::LONGEST) {
            let (statement, padded) = statement.of_length(self.dialect, part.len());
            let mut parameters = before.to_vec();
            parameters.extend_from_slice(part);
            if let Some(last) = part.last() {
                parameters.resize(before.len() + padded, last.clone());
            }
            questions.push(Call::Statement(statement, parameters));
        }
        questions
    }

    /// Inserts rows before the next question or the commit, as [`Tx::run`] does.
    pub(crate) fn bulk(&mut self, insert: &BulkInsert, rows: Vec<Vec<Value>>) {
        if !rows.is_empty() {
            self.behind.push(Call::Bulk(*insert, rows));
        }
    }

    /// Appends to the agent's log, in this commit, and answers the entry's sequence number.
    pub(crate) async fn audit(&mut self, agent: Scoped, draft: EntryDraft) -> Result<i64> {
        if self.pen.heads.missing(&[agent.agent_id()]).next().is_some() {
            self.read_heads(vec![agent.agent_id()]).await?;
        }
        self.pen.append(agent, &draft)
    }

    /// Inserts the entries that were appended, before the next question or the commit.
    pub(crate) fn write_entries(&mut self) {
        self.behind.extend(self.pen.heads.entries());
    }

    /// Begins an operation that may fail without taking the others of the transaction with it.
    pub(crate) fn savepoint(&mut self) -> Mark {
        // Entries of the operations before are not undone with this one.
        self.write_entries();
        self.run(&SAVEPOINT, vec![]);
        self.pen.heads.mark()
    }

    /// Ends an operation that went well: its last statements are run here, so that one that fails
    /// fails with its own operation.
    pub(crate) async fn release(&mut self) -> Result<()> {
        if self.behind.iter().all(is_mark) {
            // Nothing of it can fail any more.
            self.run(&RELEASE, vec![]);
            return Ok(());
        }
        self.ask(vec![Call::Statement(RELEASE, vec![])]).await.map(|_| ())
    }

    /// Undoes an operation since its savepoint.
    pub(crate) fn undo(&mut self, mark: Mark) {
        self.pen.heads.return_to(mark);
        // What did not run yet need not.
        let unbegun = self.behind.iter().rposition(is_savepoint);
        self.behind.truncate(unbegun.unwrap_or(0));
        if unbegun.is_none() {
            self.run(&UNDO, vec![]);
            self.run(&RELEASE, vec![]);
        }
    }

    /// Makes everything durable. Answers what is to be done now.
    pub(crate) async fn commit(mut self) -> Result<Left> {
        check_texts(&self.behind)?;
        let mut last = self.behind;
        last.extend(self.pen.heads.flush());
        let left = Left { rung: self.rung, let_go: self.let_go };
        self.inner.commit_with(last).await.map(|()| left)
    }

    pub(crate) async fn rollback(self) {
        if let Err(error) = self.inner.rollback().await {
            tracing::debug!(%error, "a roll-back failed; the database does it by itself");
        }
    }
}
