//! What a source must be, and whose rows there are in a database.

use super::mark;
use super::stretch::number;
use super::tables::{Table, tables};
use crate::audit::{Report, stored};
use crate::clock::Clock;
use crate::ids::AgentId;
use crate::store::{Dialect, Executor, Intent, Reach, Statement};
use crate::{Error, Result};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::time::Duration;

/// Names the state of a source by its logs: every change that counts is an entry of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint(pub(super) [u8; 32]);

impl Fingerprint {
    pub(super) fn of(log: &Report) -> Self {
        let mut hash = Sha256::new();
        for (agent_id, extent) in &log.agents {
            hash.update(agent_id.0.as_bytes());
            hash.update(extent.entries.to_be_bytes());
            hash.update(extent.hash.0);
        }
        Self(hash.finalize().into())
    }
}

/// How often, and how many times, it is looked whether connections of a hub are open. The server notices
/// only after a moment that a program was killed, be it this one.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: u32 = 30;

/// Connections of hubs, beside the one that asks; SQLite knows of none.
pub(super) fn statements(dialect: Dialect) -> Vec<(&'static str, Statement)> {
    match dialect {
        Dialect::Sqlite => Vec::new(),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => vec![("hubs", Statement::new(crate::store::postgres::lock::SHARED))],
    }
}

/// Refuses a database of which a hub makes use, or another copy, as its owner: an empty one has no other
/// role yet. It must be asked of an executor on which nothing has run at the same time, unless that has
/// the database alone: connections of its own are taken for those of others. Who opens a SQLite file holds
/// its folder instead.
///
/// # Errors
/// `conflict` with `database_in_use`.
pub(super) async fn at_rest(executor: &dyn Executor, which: &str, clock: &dyn Clock) -> Result<()> {
    let Some((_, statement)) = statements(executor.dialect()).pop() else { return Ok(()) };
    let mut left = LOOKS;
    loop {
        let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await?;
        let hubs = tx.query(&statement, vec![]).await?;
        tx.rollback().await?;
        let hubs: i64 = hubs.into_iter().next().map_or(Ok(0), |mut row| row.take(0))?;
        if hubs == 0 {
            return Ok(());
        }
        left -= 1;
        if left == 0 {
            let message =
                format!("the {which} is in use: {hubs} connections of hubs are open; stop them first");
            return Err(Error::conflict("database_in_use", message));
        }
        clock.sleep(LOOK_EVERY).await;
    }
}

/// Refuses a source of another schema than this program's.
pub(super) async fn is_current(from: &dyn Executor) -> Result<()> {
    let (applied, mark) = mark::state(from).await?;
    let lacking = from.dialect().migrations().len().saturating_sub(applied);
    if mark.is_some() {
        return Err(mark::unfinished());
    }
    if lacking > 0 {
        return Err(Error::conflict(
            "older_schema",
            format!(
                "the source lacks {lacking} steps of the schema: start this version of the hub on it once"
            ),
        ));
    }
    Ok(())
}

/// Verifies the source's log: what does not hold is not moved, for nobody could tell later what broke it.
pub(super) async fn log(from: &dyn Executor) -> Result<Report> {
    let log = stored::verify(from, Vec::new()).await?;
    match log.problems.first() {
        None => Ok(log),
        Some(problem) => Err(Error::conflict(
            "broken_log",
            format!("the source's log does not hold: {problem}; `hub audit verify` says more"),
        )),
    }
}

/// Every agent of a database, those of whom only the log is left among them.
pub(super) async fn agents(executor: &dyn Executor, log: &Report) -> Result<BTreeSet<AgentId>> {
    let mut agents: BTreeSet<AgentId> = log.agents.keys().copied().collect();
    let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await?;
    for mut row in tx.query(&executor.dialect().log_agents(), vec![]).await? {
        agents.insert(row.take(0)?);
    }
    tx.rollback().await?;
    Ok(agents)
}

/// Refuses text that the destination cannot hold, before anything is written: PostgreSQL knows no
/// character NUL.
pub(super) async fn fits(from: &dyn Executor, to: Dialect, agent: AgentId) -> Result<()> {
    if from.dialect() != Dialect::Sqlite || to == Dialect::Sqlite {
        return Ok(());
    }
    for Table { name, columns, .. } in tables() {
        let holds: Vec<String> = columns
            .iter()
            .map(|column| format!("typeof({column}) = 'text' AND instr({column}, char(0)) > 0"))
            .collect();
        let sql = format!("SELECT count(*) FROM {name} WHERE agent_id = $1 AND ({})", holds.join(" OR "));
        let rows = number(from, agent, sql).await?;
        if rows > 0 {
            return Err(Error::conflict(
                "text_with_nul",
                format!(
                    "{rows} rows of {name} of agent {agent} hold the character NUL, which PostgreSQL does not \
                     keep: change or forget them first"
                ),
            ));
        }
    }
    Ok(())
}

/// Rows of each table.
pub(super) async fn counts(from: &dyn Executor, agent: AgentId) -> Result<Vec<(&'static Table, u64)>> {
    let mut counts = Vec::new();
    for table in tables() {
        counts.push((table, super::stretch::count(from, table, agent).await?));
    }
    Ok(counts)
}
