//! The log in the store: read back, and verified whole.

use super::verify::{Pin, RawValue, Report, StoredEntry, StoredHead, Verifier};
use crate::Result;
use crate::store::{Executor, Intent, Reach, Row, Value, across};

/// Rows that are read at once; memory stays constant however long the log is.
const ROWS_AT_ONCE: i64 = 2_000;

/// Verifies every agent's log on one consistent state, while the hub runs or not.
///
/// # Errors
/// `unavailable` when the database cannot be read. What is wrong with the log is in the report.
pub(crate) async fn verify(executor: &dyn Executor, pins: Vec<Pin>) -> Result<Report> {
    let dialect = executor.dialect();
    let mut transaction = executor.begin(Intent::Read, &Reach::nobody()).await?;
    let heads = transaction.query(&dialect.log_heads(), vec![]).await?;
    let heads = heads.into_iter().map(head).collect::<Result<Vec<_>>>()?;
    let mut agents = Vec::new();
    for mut row in transaction.query(&dialect.log_agents(), vec![]).await? {
        if let Ok(agent) = row.take(0) {
            agents.push(agent);
        }
    }
    let mut verifier = Verifier::new(heads, pins).agents(agents);
    let (entries, mut after) = (dialect.log_entries(), i64::MIN);
    loop {
        let rows = transaction.query(&entries, vec![after.into(), ROWS_AT_ONCE.into()]).await?;
        let Some(last) = rows.len().checked_sub(1) else { break };
        for (index, mut row) in rows.into_iter().enumerate() {
            if index == last {
                after = row.take::<i64>(0)?;
            }
            verifier.push(&entry(row)?);
        }
    }
    transaction.rollback().await?;
    Ok(verifier.finish())
}

fn head(mut row: Row) -> Result<StoredHead> {
    Ok(StoredHead { agent_id: raw(&mut row, 0)?, size: raw(&mut row, 2)?, hash: raw(&mut row, 4)? })
}

fn entry(mut row: Row) -> Result<StoredEntry> {
    Ok(StoredEntry {
        agent_id: raw(&mut row, 1)?,
        seq: raw(&mut row, 3)?,
        entry: raw(&mut row, 5)?,
        hash: raw(&mut row, 7)?,
    })
}

/// A column: its type at `index`, its value behind it.
fn raw(row: &mut Row, index: usize) -> Result<RawValue> {
    let kind: String = row.take(index)?;
    Ok(match row.take::<Value>(index + 1)? {
        Value::Null => RawValue::Null,
        Value::Int(value) => RawValue::Int(value),
        Value::Real(value) => RawValue::Real(value),
        Value::Text(value) => RawValue::Text(value.into_bytes()),
        Value::Blob(value) if kind == "text" => RawValue::Text(value),
        Value::Blob(value) => RawValue::Blob(value),
    })
}

/// The heads as they stand, for noting them outside the database.
pub(crate) async fn heads(executor: &dyn Executor) -> Result<Vec<Pin>> {
    let mut transaction = executor.begin(Intent::Read, &Reach::nobody()).await?;
    let mut pins = Vec::new();
    for mut row in transaction.query(&across::HEADS.of(executor.dialect()), vec![]).await? {
        let size = u64::try_from(row.take::<i64>(1)?).unwrap_or(0);
        pins.push(Pin { agent_id: row.take(0)?, size, hash: row.take(2)? });
    }
    transaction.rollback().await?;
    Ok(pins)
}
