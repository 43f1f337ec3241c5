//! Heads of the audit logs, and the entries that a transaction appends.

use super::executor::Call;
use super::statement::{BulkInsert, declare};
use super::value::{Row, Value};
use crate::audit::entry::NO_PREVIOUS;
use crate::audit::{EntryDraft, seal};
use crate::context::Scoped;
use crate::ids::AgentId;
use crate::{Error, Result};
use std::collections::BTreeMap;

declare! {
    HEAD = "SELECT size, hash FROM audit_heads WHERE agent_id = $1";
    PUT_HEAD = "INSERT INTO audit_heads (agent_id, size, hash) VALUES ($1, $2, $3) \
                ON CONFLICT (agent_id) DO UPDATE SET size = excluded.size, hash = excluded.hash";
}

pub(crate) const INSERT_ENTRIES: BulkInsert =
    BulkInsert { into: "audit_entries (agent_id, seq, entry, hash)", columns: 4, tail: "" };

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
    /// The statement that reads an agent's head, unless it was read before.
    pub(crate) fn missing(&self, agent: Scoped) -> Option<Call> {
        let agent_id = agent.agent_id();
        (!self.heads.contains_key(&agent_id)).then(|| Call::Statement(HEAD, vec![agent_id.into()]))
    }

    /// Takes the answer to [`Heads::missing`].
    pub(crate) fn read(&mut self, agent: Scoped, rows: Vec<Row>) -> Result<()> {
        let head = match rows.into_iter().next() {
            Some(mut row) => Head { size: row.take(0)?, hash: row.take(1)?, moved: false },
            None => Head { size: 0, hash: NO_PREVIOUS, moved: false },
        };
        self.heads.insert(agent.agent_id(), head);
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
        let mut calls: Vec<Call> = self.entries().into_iter().collect();
        for (agent_id, head) in std::mem::take(&mut self.heads).into_iter().filter(|(_, head)| head.moved) {
            let parameters = vec![agent_id.into(), head.size.into(), head.hash.into()];
            calls.push(Call::Statement(PUT_HEAD, parameters));
        }
        calls
    }
}

/// An entry was to follow a head that nobody had read.
#[derive(Debug, thiserror::Error)]
#[error("the head of an audit log was not read before an entry")]
struct Unread;
