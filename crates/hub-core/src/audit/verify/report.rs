//! What a verification found.

use crate::audit::digest::Digest;
use crate::ids::AgentId;
use std::collections::BTreeMap;
use std::fmt;

/// Problems that a report keeps; the others are only counted.
pub const PROBLEMS_KEPT: usize = 100;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whose log, where that can be told.
    pub agent_id: Option<AgentId>,
    /// Which entry, where it concerns one.
    pub seq: Option<i64>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(agent_id) = self.agent_id {
            write!(f, "agent {agent_id}, ")?;
        }
        if let Some(seq) = self.seq {
            write!(f, "entry {seq}: ")?;
        } else {
            f.write_str("log: ")?;
        }
        f.write_str(&self.what)
    }
}

/// How far an agent's log reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Rows read.
    pub entries: u64,
    /// Sequence number of the last entry; 0 for an empty log.
    pub last: i64,
    /// Hash of the last entry, of zeros for an empty log: with `last`, what to pin.
    pub hash: Digest,
}

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows read, of all agents.
    pub entries: u64,
    /// How far each log reaches.
    pub agents: BTreeMap<AgentId, Extent>,
    /// The first [`PROBLEMS_KEPT`] problems, in the order in which they were found.
    pub problems: Vec<Problem>,
    /// How many problems there are.
    pub problems_total: u64,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.problems_total == 0
    }

    pub(super) fn problem(&mut self, agent_id: Option<AgentId>, seq: Option<i64>, what: String) {
        self.problems_total += 1;
        if self.problems.len() < PROBLEMS_KEPT {
            self.problems.push(Problem { agent_id, seq, what });
        }
    }
}
