//! Heads of the audit logs, and the entries that a transaction appends.

use super::executor::Transaction;
use super::statement::{BulkInsert, declare};
use super::value::Value;
use crate::Result;
use crate::audit::{EntryDraft, seal};
use crate::context::Scoped;
use crate::ids::AgentId;
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
}

/// What one transaction appends. Heads are read in the transaction, once for each agent.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    heads: BTreeMap<AgentId, Head>,
    entries: Vec<Vec<Value>>,
}

/// A place to return to when one operation of several fails.
#[derive(Debug)]
pub(crate) struct Mark {
    heads: BTreeMap<AgentId, Head>,
    entries: usize,
}

impl Heads {
    /// Appends an entry and answers its sequence number.
    pub(crate) async fn append(
        &mut self,
        transaction: &mut dyn Transaction,
        agent: Scoped,
        draft: EntryDraft,
    ) -> Result<i64> {
        let agent_id = agent.agent_id();
        let head = match self.heads.get(&agent_id) {
            Some(head) => *head,
            None => match transaction.query(&HEAD, vec![agent_id.into()]).await?.into_iter().next() {
                Some(mut row) => Head { size: row.take(0)?, hash: row.take(1)? },
                None => Head { size: 0, hash: [0; 32] },
            },
        };
        let seq = head.size + 1;
        let entry = seal(&draft, agent_id, seq, &head.hash)?;
        self.heads.insert(agent_id, Head { size: seq, hash: entry.hash });
        self.entries.push(vec![agent_id.into(), seq.into(), entry.text.into(), entry.hash.into()]);
        Ok(seq)
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { heads: self.heads.clone(), entries: self.entries.len() }
    }

    pub(crate) fn return_to(&mut self, mark: Mark) {
        self.heads = mark.heads;
        self.entries.truncate(mark.entries);
    }

    /// Writes entries and heads; the last thing before the commit.
    pub(crate) async fn flush(&mut self, transaction: &mut dyn Transaction) -> Result<()> {
        if self.entries.is_empty() {
            return Ok(());
        }
        transaction.bulk(&INSERT_ENTRIES, std::mem::take(&mut self.entries)).await?;
        for (agent_id, head) in std::mem::take(&mut self.heads) {
            transaction.query(&PUT_HEAD, vec![agent_id.into(), head.size.into(), head.hash.into()]).await?;
        }
        Ok(())
    }
}
