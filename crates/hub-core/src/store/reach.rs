//! Whose rows a transaction may see.

use crate::context::Scoped;
use crate::ids::AgentId;
use std::collections::BTreeSet;

/// The agents of one transaction, in the order of their ids. A database with a wall between agents
/// shows it their rows and no other; without any, it sees no row that belongs to an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach(BTreeSet<AgentId>);

impl Reach {
    /// No agent: for what spans agents, and goes through narrow doors.
    #[must_use]
    pub fn nobody() -> Self {
        Self::default()
    }

    /// These agents. For tests of a store; the hub's own transactions are begun for whom the guard
    /// has let in.
    #[must_use]
    pub fn of(agents: impl IntoIterator<Item = AgentId>) -> Self {
        Self(agents.into_iter().collect())
    }

    /// The agents, in the order of their ids.
    pub fn agents(&self) -> impl Iterator<Item = AgentId> {
        self.0.iter().copied()
    }

    /// Whether it has no agent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, agent: Scoped) -> bool {
        self.0.contains(&agent.agent_id())
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }
}

impl From<Scoped> for Reach {
    fn from(agent: Scoped) -> Self {
        Self::of([agent.agent_id()])
    }
}

impl FromIterator<Scoped> for Reach {
    fn from_iter<I: IntoIterator<Item = Scoped>>(agents: I) -> Self {
        Self::of(agents.into_iter().map(Scoped::agent_id))
    }
}
