//! Rows of one table of one agent, in the order of their key, a stretch at a time.

use super::tables::Table;
use crate::Result;
use crate::clock::Timestamp;
use crate::ids::AgentId;
use crate::memory::analysis::Analyzer;
use crate::memory::record::{Voice, terms};
use crate::store::{BulkInsert, Call, Executor, Intent, Reach, Row, Sql, Statement, Transaction, Value};
use hub_protocol::vocabulary::Tier;

/// Rows of one transaction.
pub(super) const ROWS: usize = 512;

/// Begins to read what belongs to an agent.
pub(super) async fn reading(executor: &dyn Executor, agent: AgentId) -> Result<Box<dyn Transaction>> {
    executor.begin(Intent::Read, &Reach::of([agent])).await
}

/// Begins to write what belongs to an agent.
pub(super) async fn writing(executor: &dyn Executor, agent: AgentId) -> Result<Box<dyn Transaction>> {
    executor.begin(Intent::Write, &Reach::of([agent])).await
}

pub(super) fn assembled(sql: String) -> Statement {
    Statement { sql: Sql::Assembled(sql.into()) }
}

/// Asks for one number.
pub(super) async fn number(executor: &dyn Executor, agent: AgentId, sql: String) -> Result<i64> {
    let mut tx = reading(executor, agent).await?;
    let rows = tx.query(&assembled(sql), vec![agent.into()]).await?;
    tx.rollback().await?;
    rows.into_iter().next().map_or(Ok(0), |mut row| row.take(0))
}

/// How many rows of the table the agent has: `$1` the agent.
pub(super) fn count_sql(table: &Table) -> String {
    format!("SELECT count(*) FROM {} WHERE agent_id = $1", table.name)
}

/// The key of the last row: `$1` the agent.
pub(super) fn last_sql(table: &Table) -> String {
    let order: Vec<String> = table.key.iter().map(|column| format!("{column} DESC")).collect();
    let (key, order) = (table.key.join(", "), order.join(", "));
    format!("SELECT {key} FROM {} WHERE agent_id = $1 ORDER BY {order} LIMIT 1", table.name)
}

/// The next rows: `$1` the agent, and the key behind which they stand, unless it is the beginning.
pub(super) fn read_sql(table: &Table, begun: bool) -> String {
    let (columns, key) = (table.columns.join(", "), table.key.join(", "));
    let mut sql = format!("SELECT {columns} FROM {} WHERE agent_id = $1", table.name);
    if begun {
        let places: Vec<String> = (0..table.key.len()).map(|index| format!("${}", index + 2)).collect();
        sql.push_str(&format!(" AND ({key}) > ({})", places.join(", ")));
    }
    sql.push_str(&format!(" ORDER BY {key} LIMIT {ROWS}"));
    sql
}

pub(super) fn insert(table: &Table) -> BulkInsert {
    BulkInsert { into: table.into, types: table.types, tail: "" }
}

/// How many rows of the table the agent has.
pub(super) async fn count(executor: &dyn Executor, table: &Table, agent: AgentId) -> Result<u64> {
    Ok(u64::try_from(number(executor, agent, count_sql(table)).await?).unwrap_or(0))
}

/// The key of the last row that is there.
pub(super) async fn last(
    executor: &dyn Executor,
    table: &Table,
    agent: AgentId,
) -> Result<Option<Vec<Value>>> {
    let mut tx = reading(executor, agent).await?;
    let rows = tx.query(&assembled(last_sql(table)), vec![agent.into()]).await?;
    tx.rollback().await?;
    rows.into_iter().next().map(|row| values(row, table.key.len())).transpose()
}

/// The next rows behind a key, as they are to stand in the destination; from the beginning without one.
pub(super) async fn read(
    executor: &dyn Executor,
    table: &Table,
    agent: AgentId,
    after: Option<&[Value]>,
) -> Result<Vec<Vec<Value>>> {
    let mut parameters: Vec<Value> = vec![agent.into()];
    parameters.extend_from_slice(after.unwrap_or_default());
    let mut tx = reading(executor, agent).await?;
    let rows = tx.query(&assembled(read_sql(table, after.is_some())), parameters).await?;
    tx.rollback().await?;
    rows.into_iter()
        .map(|row| {
            let mut row = values(row, table.columns.len())?;
            release(table, &mut row);
            Ok(row)
        })
        .collect()
}

fn values(mut row: Row, columns: usize) -> Result<Vec<Value>> {
    (0..columns).map(|index| row.take(index)).collect()
}

/// A job that a worker held waits again: the worker is not there where it goes.
fn release(table: &Table, row: &mut [Value]) {
    if table.name != "queue" || at(table, row, "state") != Some(&Value::from("leased")) {
        return;
    }
    for (column, value) in [("state", "ready".into()), ("leased_until", Value::Null), ("worker", Value::Null)]
    {
        if let Some(place) = table.place(column).and_then(|place| row.get_mut(place)) {
            *place = value;
        }
    }
}

/// The value of a column.
fn at<'r>(table: &Table, row: &'r [Value], column: &str) -> Option<&'r Value> {
    table.place(column).and_then(|place| row.get(place))
}

/// The key of a row.
pub(super) fn key(table: &Table, row: &[Value]) -> Vec<Value> {
    table.key.iter().filter_map(|column| at(table, row, column).cloned()).collect()
}

/// Writes rows in a transaction of their own, with the terms of memories.
pub(super) async fn write(
    executor: &dyn Executor,
    table: &Table,
    agent: AgentId,
    number: i64,
    rows: Vec<Vec<Value>>,
) -> Result<()> {
    let documents =
        if table.name == "memories" { documents(table, agent, number, &rows)? } else { Vec::new() };
    let mut calls = vec![Call::Bulk(insert(table), rows)];
    if !documents.is_empty() {
        calls.push(Call::Bulk(executor.dialect().index_documents(), documents));
    }
    writing(executor, agent).await?.commit_with(calls).await
}

/// What the full-text index holds of memories, in the order of their documents: it is what the stage that
/// wrote them gave it.
fn documents(table: &Table, agent: AgentId, number: i64, rows: &[Vec<Value>]) -> Result<Vec<Vec<Value>>> {
    let mut documents = Vec::with_capacity(rows.len());
    for row in rows {
        let column = |name| at(table, row, name).cloned().unwrap_or(Value::Null);
        let wanted = ["doc", "tier", "occurred_at", "speaker", "content", "language"];
        let mut row = Row::new(wanted.map(column).to_vec());
        let (doc, tier): (i64, Tier) = (row.take(0)?, row.word(1)?);
        let (said_at, speaker): (Timestamp, Option<String>) = (row.take(2)?, row.take(3)?);
        let (content, language): (String, String) = (row.take(4)?, row.take(5)?);
        let found = terms(&Analyzer::for_language(&language), tier, said_at, speaker.as_deref(), &content);
        documents.push((doc, Voice { number, language }.document(&found)));
    }
    documents.sort_by_key(|(doc, _)| *doc);
    Ok(documents.into_iter().map(|(doc, terms)| vec![agent.into(), doc.into(), terms.into()]).collect())
}
