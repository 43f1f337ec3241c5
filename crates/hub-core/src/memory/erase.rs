//! Forgetting: content leaves every table and index; the ids of events stay known, and the log,
//! which never held content, still verifies.

use super::record::{self, Voice};
use crate::Result;
use crate::clock::Timestamp;
use crate::context::Scoped;
use crate::ids::{EventId, MemoryId};
use crate::store::{ListStatement, Tx, Value, declare};
use hub_protocol::vocabulary::Tier;
use std::collections::HashSet;

const REMEMBERED: ListStatement = ListStatement {
    sql: "SELECT e.event_id FROM events e \
          LEFT JOIN consents c ON c.agent_id = e.agent_id AND c.consent_id = e.consent_id \
          WHERE e.agent_id = $1 AND e.forgotten_at IS NULL AND c.revoked_at IS NULL \
          AND (c.expires_at IS NULL OR c.expires_at > $2) AND e.event_id IN ({})",
    before: 2,
};
const REMEMBERED_SEQS: ListStatement = ListStatement {
    sql: "SELECT e.seq FROM events e \
          LEFT JOIN consents c ON c.agent_id = e.agent_id AND c.consent_id = e.consent_id \
          WHERE e.agent_id = $1 AND e.forgotten_at IS NULL AND c.revoked_at IS NULL \
          AND (c.expires_at IS NULL OR c.expires_at > $2) AND e.seq IN ({})",
    before: 2,
};
const SEQS: ListStatement =
    ListStatement { sql: "SELECT seq FROM events WHERE agent_id = $1 AND event_id IN ({})", before: 1 };
const FORGET_EVENTS: ListStatement = ListStatement {
    sql: "UPDATE events SET payload = NULL, salt = NULL, digest = NULL, forgotten_at = $1 \
          WHERE agent_id = $2 AND forgotten_at IS NULL AND event_id IN ({}) RETURNING event_id",
    before: 2,
};
const DERIVED: ListStatement = ListStatement {
    sql: "SELECT DISTINCT s.memory_id FROM events e \
          JOIN memory_sources s ON s.agent_id = e.agent_id AND s.seq = e.seq \
          WHERE e.agent_id = $1 AND e.event_id IN ({})",
    before: 1,
};
const TAKE_OUT: ListStatement = ListStatement {
    sql: "DELETE FROM memories WHERE agent_id = $1 AND memory_id IN ({}) \
          RETURNING doc, content, terms, memory_id, language, tier, occurred_at, speaker",
    before: 1,
};
pub(crate) const LISTS: &[(&str, ListStatement)] = &[
    ("REMEMBERED", REMEMBERED),
    ("REMEMBERED_SEQS", REMEMBERED_SEQS),
    ("SEQS", SEQS),
    ("FORGET_EVENTS", FORGET_EVENTS),
    ("DERIVED", DERIVED),
    ("TAKE_OUT", TAKE_OUT),
];

declare! {
    DISCOUNT = "UPDATE memory_totals SET documents = documents - $2, terms = terms - $3 WHERE agent_id = $1";
}

/// Which of these events may still be used: they were not forgotten, and the grant that they rest
/// on, where they need one, has not ended.
pub(crate) async fn remembered(tx: &mut Tx, agent: Scoped, ids: &[EventId]) -> Result<HashSet<EventId>> {
    let list: Vec<Value> = ids.iter().map(|id| (*id).into()).collect();
    let before = [agent.agent_id().into(), tx.now().into()];
    tx.rows_of_list(REMEMBERED, &before, &list).await?.into_iter().map(|mut row| row.take(0)).collect()
}

/// As [`remembered`], of events by their sequence numbers.
pub(crate) async fn remembered_seqs(tx: &mut Tx, agent: Scoped, seqs: &[i64]) -> Result<HashSet<i64>> {
    let list: Vec<Value> = seqs.iter().map(|seq| (*seq).into()).collect();
    let before = [agent.agent_id().into(), tx.now().into()];
    tx.rows_of_list(REMEMBERED_SEQS, &before, &list).await?.into_iter().map(|mut row| row.take(0)).collect()
}

/// The sequence numbers of these events.
pub(crate) async fn seqs(tx: &mut Tx, agent: Scoped, ids: &[EventId]) -> Result<Vec<i64>> {
    let list: Vec<Value> = ids.iter().map(|id| (*id).into()).collect();
    tx.rows_of_list(SEQS, &[agent.agent_id().into()], &list)
        .await?
        .into_iter()
        .map(|mut row| row.take(0))
        .collect()
}

/// What an erasure removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Erased {
    pub(crate) events: Vec<EventId>,
    pub(crate) memories: Vec<MemoryId>,
}

impl Erased {
    pub(crate) fn extend(&mut self, other: Self) {
        self.events.extend(other.events);
        self.memories.extend(other.memories);
    }
}

/// Erases events and everything that was derived from any of them.
pub(crate) async fn events(tx: &mut Tx, agent: Scoped, ids: &[EventId]) -> Result<Erased> {
    let own: Value = agent.agent_id().into();
    let list: Vec<Value> = ids.iter().map(|id| (*id).into()).collect();
    let mut derived = Vec::new();
    for mut row in tx.rows_of_list(DERIVED, std::slice::from_ref(&own), &list).await? {
        derived.push(row.take(0)?);
    }
    let memories = memories(tx, agent, &derived).await?;
    let now = tx.now();
    let mut events: Vec<EventId> = Vec::new();
    // A job of the index stage that covers them finds them without content, and leaves them out.
    for mut row in tx.rows_of_list(FORGET_EVENTS, &[now.into(), own], &list).await? {
        events.push(row.take(0)?);
    }
    crate::actions::withdraw::of_events(tx, agent, &events).await?;
    crate::artifacts::erase::of_events(tx, agent, &events).await?;
    Ok(Erased { events, memories })
}

/// Erases memories from their table and from the full-text index.
pub(crate) async fn memories(tx: &mut Tx, agent: Scoped, ids: &[MemoryId]) -> Result<Vec<MemoryId>> {
    let Some(mut voice) = Voice::of(tx, agent).await? else { return Ok(Vec::new()) };
    let unindex = tx.dialect().unindex_document();
    let list: Vec<Value> = ids.iter().map(|id| (*id).into()).collect();
    let (mut erased, mut terms) = (Vec::new(), 0_i64);
    for mut row in tx.rows_of_list(TAKE_OUT, &[agent.agent_id().into()], &list).await? {
        let (doc, content): (i64, String) = (row.take(0)?, row.take(1)?);
        terms += row.take::<i64>(2)?;
        erased.push(row.take(3)?);
        // The agent may speak another language by now; the index holds the terms of then.
        voice.language = row.take(4)?;
        let (tier, occurred_at): (Tier, Timestamp) = (row.word(5)?, row.take(6)?);
        let speaker: Option<String> = row.take(7)?;
        let indexed = record::terms(&voice.analyzer(), tier, occurred_at, speaker.as_deref(), &content);
        let document = voice.document(&indexed);
        tx.run(&unindex, vec![doc.into(), document.into()]);
    }
    let count = i64::try_from(erased.len()).unwrap_or(i64::MAX);
    tx.run(&DISCOUNT, vec![agent.agent_id().into(), count.into(), terms.into()]);
    Ok(erased)
}
