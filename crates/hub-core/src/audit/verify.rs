//! Verifies a stored log: pure, one row at a time, in memory that grows with agents and pins only.
//!
//! Rows come as they are stored, whatever the type of a column, in the order of their rowid; an
//! agent's rows may stand among those of others. Heads are kept apart from the entries, so that a
//! cut tail and an emptied log are found. Whoever can write to the database can also set a head
//! back; only a [`Pin`], kept elsewhere, finds that.
//!
//! What is covered: every column of an entry and of a head, and the order of an agent's rows. The
//! value of a rowid and the place of one agent's rows among another's are not.

mod chain;
mod read;
mod report;

pub use read::{RawValue, StoredEntry, StoredHead};
pub use report::{Extent, PROBLEMS_KEPT, Problem, Report};

use super::entry::NO_PREVIOUS;
use crate::ids::AgentId;
use chain::{Chain, Head};
use std::collections::{BTreeMap, BTreeSet};

/// What somebody outside the database noted about a log at an earlier time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// Whose log.
    pub agent_id: AgentId,
    /// How many entries it had.
    pub size: u64,
    /// The hash of the last of them.
    pub hash: [u8; 32],
}

/// Reads rows and names what was changed.
#[derive(Debug, Default)]
pub struct Verifier {
    chains: BTreeMap<AgentId, Chain>,
    heads: BTreeMap<AgentId, Head>,
    agents: BTreeSet<AgentId>,
    rows: u64,
    report: Report,
}

impl Verifier {
    /// A verifier that knows the stored heads, and what was pinned outside the database.
    #[must_use]
    pub fn new(heads: impl IntoIterator<Item = StoredHead>, pins: impl IntoIterator<Item = Pin>) -> Self {
        let mut verifier = Self::default();
        for stored in heads {
            verifier.add_head(&stored);
        }
        for pin in pins.into_iter().filter(|pin| pin.size > 0) {
            verifier.chains.entry(pin.agent_id).or_default().pin(pin.size, pin.hash);
        }
        verifier
    }

    /// Names agents that exist: each must have a head, since making an agent is an entry.
    #[must_use]
    pub fn agents(mut self, agents: impl IntoIterator<Item = AgentId>) -> Self {
        self.agents.extend(agents);
        self
    }

    fn add_head(&mut self, stored: &StoredHead) {
        let Ok(agent_id) = stored.agent_id.agent_id() else {
            self.report.problem(
                None,
                None,
                format!("a head has as agent_id {}, not 16 bytes", stored.agent_id),
            );
            return;
        };
        let size = stored.size.integer().and_then(|size| u64::try_from(size).ok());
        if size.is_none() {
            let what = format!("the head has as size {}, not a number of entries", stored.size);
            self.report.problem(Some(agent_id), None, what);
        }
        let hash = stored.hash.hash();
        if hash.is_none() {
            let what = format!("the head has as hash {}, not 32 bytes", stored.hash);
            self.report.problem(Some(agent_id), None, what);
        }
        if self.heads.insert(agent_id, Head { size, hash }).is_some() {
            self.report.problem(Some(agent_id), None, "there is more than one head".to_owned());
        }
    }

    /// Takes the next row in the order of rowid.
    pub fn push(&mut self, row: &StoredEntry) {
        self.rows += 1;
        let reading = read::read(row);
        let Some(agent_id) = reading.owner() else {
            let what = format!(
                "row {} belongs to no log: its agent_id is {}, and its entry names no agent",
                self.rows, row.agent_id
            );
            self.report.problem(None, reading.seq_column, what);
            return;
        };
        self.chains.entry(agent_id).or_default().push(agent_id, row, &reading, &mut self.report);
    }

    /// Compares what was read with heads and pins.
    #[must_use]
    pub fn finish(mut self) -> Report {
        for agent_id in &self.agents {
            if !self.chains.contains_key(agent_id) && !self.heads.contains_key(agent_id) {
                let what = "the agent exists, but its log has neither entries nor a head".to_owned();
                self.report.problem(Some(*agent_id), None, what);
            }
        }
        for agent_id in self.heads.keys() {
            self.chains.entry(*agent_id).or_default();
        }
        for (agent_id, chain) in &mut self.chains {
            let extent = chain.finish(*agent_id, self.heads.get(agent_id), &mut self.report);
            self.report.agents.insert(*agent_id, extent);
        }
        self.report.entries = self.rows;
        self.report
    }
}

#[cfg(test)]
mod tests;
