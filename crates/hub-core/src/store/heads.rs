//! Heads of the audit logs, and the entries that a transaction appends.

use super::executor::Call;
use super::statement::{BulkInsert, JoinStatement, Lock};
use super::value::{Row, Value};
use crate::audit::entry::NO_PREVIOUS;
use crate::audit::{EntryDraft, seal};
use crate::context::Scoped;
use crate::ids::AgentId;
use crate::{Error, Result};
use std::collections::BTreeMap;

/// The heads of the logs of these agents, taken in the order of their ids: no two transactions wait for
/// each other.
const HEADS: JoinStatement = JoinStatement {
    sql: "SELECT h.agent_id, h.size, h.hash FROM {rows} JOIN audit_heads h ON h.agent_id = w.column1 \
          ORDER BY h.agent_id",
    types: "b",
    lock: Lock::Update("h"),
};
pub(crate) const JOINS: &[(&str, JoinStatement)] = &[("HEADS", HEADS)];
pub(crate) const PUT_HEADS: BulkInsert = BulkInsert {
    into: "audit_heads (agent_id, size, hash)",
    types: "bib",
    tail: "ON CONFLICT (agent_id) DO UPDATE SET size = excluded.size, hash = excluded.hash",
};
pub(crate) const INSERT_ENTRIES: BulkInsert =
    BulkInsert { into: "audit_entries (agent_id, seq, entry, hash)", types: "bitb", tail: "" };

#[derive(Debug, Clone, Copy)]
struct Head {
    size: i64,
    hash: [u8; 32],
    /// Something was appended.
    moved: bool,
}

/// What one transaction appends. Heads are read in the transaction, once for each agent.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    heads: BTreeMap<AgentId, Head>,
    entries: Vec<Vec<Value>>,
}

/// A place to return to when one operation of several fails.
#[derive(Debug)]
pub(crate) struct Mark(BTreeMap<AgentId, Head>);

impl Heads {
    /// The questions for the heads of those of these agents whose heads were not read before.
    pub(crate) fn ask(&self, agents: &[AgentId]) -> Vec<Call> {
        Call::joins(HEADS, self.missing(agents).map(|agent| vec![agent.into()]))
    }

    /// Those of these agents whose heads were not read before.
    pub(crate) fn missing(&self, agents: &[AgentId]) -> impl Iterator<Item = AgentId> {
        agents.iter().copied().filter(|agent| !self.heads.contains_key(agent))
    }

    /// Takes the heads of these agents, each with its agent; who has none has an empty log.
    pub(crate) fn read(&mut self, agents: Vec<AgentId>, rows: impl IntoIterator<Item = Row>) -> Result<()> {
        for mut row in rows {
            let head = Head { size: row.take(1)?, hash: row.take(2)?, moved: false };
            self.heads.entry(row.take(0)?).or_insert(head);
        }
        for agent in agents {
            self.heads.entry(agent).or_insert(Head { size: 0, hash: NO_PREVIOUS, moved: false });
        }
        Ok(())
    }

    /// Appends an entry to a log whose head was read, and answers its sequence number.
    pub(crate) fn append(&mut self, agent: Scoped, draft: &EntryDraft) -> Result<i64> {
        let agent_id = agent.agent_id();
        let head = self.heads.get_mut(&agent_id).ok_or_else(|| Error::internal(Unread))?;
        let entry = seal(draft, agent_id, head.size + 1, &head.hash)?;
        *head = Head { size: entry.seq, hash: entry.hash, moved: true };
        self.entries.push(vec![agent_id.into(), entry.seq.into(), entry.text.into(), entry.hash.into()]);
        Ok(entry.seq)
    }

    /// A place to return to. What was appended before it must have been taken.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.heads.clone())
    }

    pub(crate) fn return_to(&mut self, Mark(heads): Mark) {
        self.heads = heads;
        self.entries.clear();
    }

    /// Takes what writes the entries that were appended since.
    pub(crate) fn entries(&mut self) -> Option<Call> {
        (!self.entries.is_empty()).then(|| Call::Bulk(INSERT_ENTRIES, std::mem::take(&mut self.entries)))
    }

    /// What writes entries and heads: the last thing before the commit.
    pub(crate) fn flush(&mut self) -> Vec<Call> {
        let moved = std::mem::take(&mut self.heads).into_iter().filter(|(_, head)| head.moved);
        let heads: Vec<Vec<Value>> =
            moved.map(|(agent_id, head)| vec![agent_id.into(), head.size.into(), head.hash.into()]).collect();
        let heads = (!heads.is_empty()).then_some(Call::Bulk(PUT_HEADS, heads));
        self.entries().into_iter().chain(heads).collect()
    }
}

/// An entry was to follow a head that nobody had read.
#[derive(Debug, thiserror::Error)]
#[error("the head of an audit log was not read before an entry")]
struct Unread;
