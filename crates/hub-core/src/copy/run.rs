//! The copy.

use super::report::{Comparison, Progress, Stage};
use super::source::{self, Fingerprint};
use super::tables::{NUMBERED, Table, tables};
use super::{Options, compare, mark, stretch};
use crate::Result;
use crate::clock::Clock;
use crate::ids::AgentId;
use crate::store::Executor;

/// What a copy came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Copied {
    /// Rows that were there already, from the time before it was interrupted.
    pub found: u64,
    /// Rows that were written now.
    pub written: u64,
    /// Whether both hold the same. Unless they do the copy has not ended, and no hub starts on it.
    pub comparison: Comparison,
}

/// Copies everything from one database to another one that is empty, or goes on with a copy of the same
/// source that was interrupted; then compares both, and lets hubs start on the destination when all is
/// the same. The source is only read. While it goes on no hub may work on either database. On PostgreSQL
/// that is looked at when it begins; who opens it with `PostgresExecutor::open_alone` keeps hubs from
/// starting meanwhile, too. A source that changes shows in the comparison.
///
/// Memory stays constant: 512 rows are held at a time.
///
/// # Errors
/// `conflict` with `database_in_use`, `older_schema`, `newer_schema`, `broken_log`, `text_with_nul`,
/// `destination_in_use`, `other_copy` or `older_copy`; `unavailable` when a database cannot be reached or
/// has no room. What was copied until then stays, and the next call goes on behind it.
pub async fn copy(
    from: &dyn Executor,
    to: &dyn Executor,
    clock: &dyn Clock,
    options: Options<'_>,
) -> Result<Copied> {
    let now = clock.now();
    source::at_rest(from, "source", clock).await?;
    source::at_rest(to, "destination", clock).await?;
    source::is_current(from).await?;
    (options.watch)(Progress { stage: Stage::Looking, done: 0, total: 0 });
    let log = source::log(from).await?;
    let agents = source::agents(from, &log).await?;
    let mut total = 0;
    for agent in &agents {
        source::fits(from, to.dialect(), *agent).await?;
        total += source::counts(from, *agent).await?.iter().map(|(_, rows)| rows).sum::<u64>();
    }
    let goes_on = mark::begin(to, &Fingerprint::of(&log), now).await?;
    let mut run = Run { from, to, goes_on, found: 0, written: 0, total, options };
    let mut highest = [0; NUMBERED.len()];
    for agent in &agents {
        let number = stretch::number(from, *agent, NUMBER.to_owned()).await?;
        for table in tables() {
            run.table(table, *agent, number).await?;
        }
        for (highest, (table, column)) in highest.iter_mut().zip(NUMBERED) {
            let sql = format!("SELECT coalesce(max({column}), 0) FROM {table} WHERE agent_id = $1");
            *highest = stretch::number(from, *agent, sql).await?.max(*highest);
        }
    }
    let (found, written) = (run.found, run.written);
    let comparison = compare(from, to, clock, options).await?;
    if comparison.holds() {
        mark::end(to, highest).await?;
    }
    Ok(Copied { found, written, comparison })
}

const NUMBER: &str = "SELECT number FROM agents WHERE agent_id = $1";

struct Run<'a> {
    from: &'a dyn Executor,
    to: &'a dyn Executor,
    /// Whether rows may be there from before.
    goes_on: bool,
    found: u64,
    written: u64,
    total: u64,
    options: Options<'a>,
}

impl Run<'_> {
    async fn table(&mut self, table: &Table, agent: AgentId, number: i64) -> Result<()> {
        let mut after = None;
        if self.goes_on {
            after = stretch::last(self.to, table, agent).await?;
            if after.is_some() {
                self.found += stretch::count(self.to, table, agent).await?;
            }
        }
        loop {
            let rows = stretch::read(self.from, table, agent, after.as_deref()).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(stretch::key(table, last));
            let (length, whole) = (rows.len(), rows.len() < stretch::ROWS);
            stretch::write(self.to, table, agent, number, rows).await?;
            self.written += u64::try_from(length).unwrap_or(u64::MAX);
            let done = self.found + self.written;
            (self.options.watch)(Progress { stage: Stage::Copying, done, total: self.total });
            if whole {
                return Ok(());
            }
        }
    }
}
