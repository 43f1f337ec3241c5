//! Whether two databases hold the same.

use super::report::{AgentHeads, Comparison, Progress, Stage, TableRows};
use super::tables::{Table, tables};
use super::{Options, recall, source, stretch};
use crate::Result;
use crate::audit::stored;
use crate::clock::Clock;
use crate::ids::AgentId;
use crate::store::{Executor, Value};
use sha2::{Digest as _, Sha256};

/// Reads both databases whole and compares them: every row of every table of every agent, where the logs
/// end and whether they hold, and what both answer to questions that are made from words of their own
/// memories.
///
/// # Errors
/// `unavailable` when a database cannot be read. What differs is in the comparison.
pub async fn compare(
    from: &dyn Executor,
    to: &dyn Executor,
    clock: &dyn Clock,
    options: Options<'_>,
) -> Result<Comparison> {
    let (from_log, to_log) = (stored::verify(from, Vec::new()).await?, stored::verify(to, Vec::new()).await?);
    let mut agents = source::agents(from, &from_log).await?;
    agents.extend(source::agents(to, &to_log).await?);
    let mut total = 0;
    for agent in &agents {
        total += 2 * source::counts(from, *agent).await?.iter().map(|(_, rows)| rows).sum::<u64>();
    }
    let mut done = 0;
    let mut watch = |rows: u64| {
        done += rows;
        (options.watch)(Progress { stage: Stage::Comparing, done, total });
    };
    let mut comparison = Comparison::default();
    for agent in &agents {
        for table in tables() {
            let (here, digest) = read(from, table, *agent, &mut watch).await?;
            let (there, other) = read(to, table, *agent, &mut watch).await?;
            if here > 0 || there > 0 {
                let (same, table) = (digest == other, table.name);
                comparison.tables.push(TableRows { agent_id: *agent, table, from: here, to: there, same });
            }
        }
        let head = |log: &crate::audit::Report| log.agents.get(agent).copied();
        comparison.heads.push(AgentHeads { agent_id: *agent, from: head(&from_log), to: head(&to_log) });
    }
    (comparison.from_log, comparison.to_log) = (from_log, to_log);
    comparison.recall = recall::compare(from, to, clock.now(), &agents, options).await?;
    Ok(comparison)
}

/// Rows of a table of an agent, and the SHA-256 of all their values.
async fn read(
    executor: &dyn Executor,
    table: &Table,
    agent: AgentId,
    watch: &mut impl FnMut(u64),
) -> Result<(u64, [u8; 32])> {
    let (mut hash, mut rows, mut after) = (Sha256::new(), 0, None);
    loop {
        let stretch = stretch::read(executor, table, agent, after.as_deref()).await?;
        let Some(last) = stretch.last() else { break };
        after = Some(stretch::key(table, last));
        stretch.iter().flatten().for_each(|value| add(&mut hash, value));
        let length = u64::try_from(stretch.len()).unwrap_or(u64::MAX);
        rows += length;
        watch(length);
        if stretch.len() < stretch::ROWS {
            break;
        }
    }
    Ok((rows, hash.finalize().into()))
}

/// A value with its type and length, so that no two rows give the same bytes.
fn add(hash: &mut Sha256, value: &Value) {
    let mut bytes = |kind: u8, bytes: &[u8]| {
        hash.update([kind]);
        hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(bytes);
    };
    match value {
        Value::Null => bytes(0, &[]),
        Value::Int(value) => bytes(1, &value.to_be_bytes()),
        Value::Real(value) => bytes(2, &value.to_bits().to_be_bytes()),
        Value::Text(value) => bytes(3, value.as_bytes()),
        Value::Blob(value) => bytes(4, value),
    }
}
