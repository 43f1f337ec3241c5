//! A database that fails, or makes wait, where a test says so.

use crate::store::{Call, Dialect, Executor, Intent, Reach, Row, Statement, Transaction};
use crate::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Where a fault may strike. Only transactions that write are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Before a statement, a bulk insert among them.
    Statement,
    /// At a commit.
    Commit,
}

/// What then happens.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It does not happen, and `unavailable` with `store_unavailable` is answered.
    Fail,
    /// It happens, but the answer is lost: `unavailable` with `store_unavailable`.
    Lose,
    /// It does not happen, and `unavailable` with `transaction_conflict` is answered: another
    /// transaction stood in the way.
    Conflict,
    /// It waits until the gate is opened.
    Hold(Gate),
}

/// Where somebody waits until a test lets him go.
#[derive(Debug, Clone)]
pub struct Gate {
    open: Arc<watch::Sender<bool>>,
    reached: Arc<watch::Sender<bool>>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { open: Arc::new(watch::Sender::new(false)), reached: Arc::new(watch::Sender::new(false)) }
    }
}

impl Gate {
    /// Returns when somebody stands before it.
    pub async fn reached(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let mut reached = self.reached.subscribe();
        let _there = reached.wait_for(|reached| *reached).await;
    }

    /// Lets everybody pass from now on.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Waits until it is open.
    pub async fn pass(&self) {
        self.reached.send_replace(true);
        let mut open = self.open.subscribe();
        let _opened = open.wait_for(|open| *open).await;
    }
}

#[derive(Debug, Default)]
struct Script {
    statements: u64,
    commits: u64,
    faults: Vec<(Step, u64, Fault)>,
}

/// An executor over another one, with a script of faults. Clones share the script.
#[derive(Debug, Clone)]
pub struct FailingExecutor {
    inner: Arc<dyn Executor>,
    script: Arc<Mutex<Script>>,
}

impl FailingExecutor {
    /// Passes everything on until a fault is asked for.
    #[must_use]
    pub fn over(inner: Arc<dyn Executor>) -> Self {
        Self { inner, script: Arc::default() }
    }

    /// Asks for a fault at the `nth` step of this kind from now, counted from 1.
    pub fn at(&self, step: Step, nth: u64, fault: Fault) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let now = match step {
            Step::Statement => script.statements,
            Step::Commit => script.commits,
        };
        script.faults.push((step, now + nth, fault));
    }

    /// Steps of this kind until now.
    #[must_use]
    pub fn seen(&self, step: Step) -> u64 {
        let script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        match step {
            Step::Statement => script.statements,
            Step::Commit => script.commits,
        }
    }
}

fn next(script: &Mutex<Script>, step: Step) -> Option<Fault> {
    let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
    let count = match step {
        Step::Statement => &mut script.statements,
        Step::Commit => &mut script.commits,
    };
    *count += 1;
    let now = *count;
    let found = script.faults.iter().position(|(at, nth, _)| *at == step && *nth == now)?;
    Some(script.faults.swap_remove(found).2)
}

fn gone() -> Error {
    Error::unavailable("store_unavailable", "the database is not available")
}

#[async_trait::async_trait]
impl Executor for FailingExecutor {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    async fn begin(&self, intent: Intent, reach: &Reach) -> Result<Box<dyn Transaction>> {
        let inner = self.inner.begin(intent, reach).await?;
        match intent {
            Intent::Read => Ok(inner),
            Intent::Write | Intent::Migrate => {
                Ok(Box::new(FailingTransaction { inner, script: self.script.clone() }))
            }
        }
    }

    async fn secure(&self, migration: &mut dyn Transaction) -> Result<()> {
        self.inner.secure(migration).await
    }

    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }

    async fn prepare(&self, statement: &Statement) -> Result<()> {
        self.inner.prepare(statement).await
    }

    async fn shutdown(&self) {
        self.inner.shutdown().await;
    }
}

struct FailingTransaction {
    inner: Box<dyn Transaction>,
    script: Arc<Mutex<Script>>,
}

/// Lets a fault strike; answers whether the answer of what follows is lost.
async fn strike(fault: Option<Fault>) -> Result<bool> {
    match fault {
        None => Ok(false),
        Some(Fault::Fail) => Err(gone()),
        Some(Fault::Conflict) => {
            Err(Error::unavailable("transaction_conflict", "another transaction stood in the way"))
        }
        Some(Fault::Lose) => Ok(true),
        Some(Fault::Hold(gate)) => {
            gate.pass().await;
            Ok(false)
        }
    }
}

#[async_trait::async_trait]
impl Transaction for FailingTransaction {
    async fn batch(&mut self, calls: Vec<Call>) -> Result<Vec<Vec<Row>>> {
        let (mut answers, mut passed) = (Vec::new(), Vec::new());
        for call in calls {
            let fault = next(&self.script, Step::Statement);
            if fault.is_some() {
                // What stands before the fault has happened.
                answers.extend(self.inner.batch(std::mem::take(&mut passed)).await?);
            }
            let lost = strike(fault).await?;
            passed.push(call);
            if lost {
                self.inner.batch(passed).await?;
                return Err(gone());
            }
        }
        answers.extend(self.inner.batch(passed).await?);
        Ok(answers)
    }

    async fn script(&mut self, sql: &str) -> Result<()> {
        self.inner.script(sql).await
    }

    async fn commit_with(mut self: Box<Self>, last: Vec<Call>) -> Result<()> {
        let before = self.batch(last).await;
        let lost = match before {
            Ok(_) => strike(next(&self.script, Step::Commit)).await,
            Err(error) => Err(error),
        };
        let lost = match lost {
            Ok(lost) => lost,
            Err(error) => {
                let _undone = self.inner.rollback().await;
                return Err(error);
            }
        };
        self.inner.commit().await?;
        if lost { Err(gone()) } else { Ok(()) }
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        self.inner.rollback().await
    }
}
