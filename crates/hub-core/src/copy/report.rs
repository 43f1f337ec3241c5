//! What a copy says of itself.

use crate::audit::{Extent, Report};
use crate::ids::AgentId;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The source's log is read and its rows are counted.
    Looking,
    /// Rows go from one database to the other; counted in rows.
    Copying,
    /// Both databases are read and compared; counted in rows of both.
    Comparing,
    /// Both are asked the same; counted in questions.
    Asking,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// In what.
    pub stage: Stage,
    /// Done of it.
    pub done: u64,
    /// All of it, as far as it is known.
    pub total: u64,
}

/// One table of one agent, in both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableRows {
    /// Whose rows.
    pub agent_id: AgentId,
    /// Which table.
    pub table: &'static str,
    /// Rows of the source.
    pub from: u64,
    /// Rows of the destination.
    pub to: u64,
    /// Whether every value of every row is the same, by SHA-256 over them in the order of their key. A job
    /// that a worker held counts as one that waits.
    pub same: bool,
}

/// Where an agent's log ends in both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentHeads {
    /// Whose log.
    pub agent_id: AgentId,
    /// In the source; absent where it has no such log.
    pub from: Option<Extent>,
    /// In the destination.
    pub to: Option<Extent>,
}

impl AgentHeads {
    /// Whether both logs end with the same entry.
    #[must_use]
    pub fn same(&self) -> bool {
        self.from.is_some() && self.from == self.to
    }
}

/// What an agent was asked on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentRecall {
    /// Who was asked.
    pub agent_id: AgentId,
    /// Questions.
    pub asked: u64,
    /// Questions that both answered with the same memories, in the same order, with the same scores.
    pub same: u64,
}

/// Whether two databases hold the same.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// Every table of every agent that has rows of it on either side.
    pub tables: Vec<TableRows>,
    /// Every log.
    pub heads: Vec<AgentHeads>,
    /// The verification of the source's log.
    pub from_log: Report,
    /// The verification of the destination's log.
    pub to_log: Report,
    /// Recall of samples.
    pub recall: Vec<AgentRecall>,
}

impl Comparison {
    /// Whether everything is the same, and both logs hold.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.tables.iter().all(|table| table.same && table.from == table.to)
            && self.heads.iter().all(AgentHeads::same)
            && self.from_log.holds()
            && self.to_log.holds()
            && self.recall.iter().all(|recall| recall.asked == recall.same)
    }

    /// Rows of the source.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.from).sum()
    }
}
