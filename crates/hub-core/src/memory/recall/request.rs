//! The question and the answer.

use crate::clock::Timestamp;
use crate::ids::{PersonId, SpaceId};
use crate::memory::Memory;
use crate::memory::rank::Why;
use crate::text::without_nul;
use crate::{Error, Result};
use hub_protocol::limits;
use hub_protocol::vocabulary::Tier;

/// A question to memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecallRequest {
    /// The words; at most 4 KiB.
    pub query: String,
    /// How many memories at most: 1 to 100.
    pub k: u32,
    /// Only of this space.
    pub space_id: Option<SpaceId>,
    /// Only of or about this person.
    pub person_id: Option<PersonId>,
    /// Only of these tiers; empty means both.
    pub tiers: Vec<Tier>,
    /// Only what was said until this instant.
    pub as_of: Option<Timestamp>,
    /// Tokens that the contents may fill together, at four bytes a token.
    pub budget_tokens: Option<u32>,
}

impl RecallRequest {
    /// The ten best memories for these words.
    #[must_use]
    pub fn new(query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            k: 10,
            space_id: None,
            person_id: None,
            tiers: Vec::new(),
            as_of: None,
            budget_tokens: None,
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.query.len() > limits::QUERY_BYTES {
            let limit = format!("{} bytes", limits::QUERY_BYTES);
            return Err(Error::limit("query_too_long", "the query is too long", limit).field("query"));
        }
        without_nul(&self.query, "query")?;
        if !(1..=limits::RECALL_K).contains(&self.k) {
            let limit = format!("{} memories", limits::RECALL_K);
            return Err(Error::limit("recall_size", "k is 1 to 100", limit).field("k"));
        }
        Ok(())
    }
}

/// What memory answers, best first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recall {
    /// The memories.
    pub memories: Vec<Recalled>,
    /// Whether something that fits was left out: the budget ended, or a term is in more memories
    /// than one question looks at.
    pub partial: bool,
}

/// A memory and how it earned its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Recalled {
    /// The memory.
    pub memory: Memory,
    /// Higher is better; comparable within one answer only.
    pub score: f64,
    /// What the score is made of.
    pub why: Why,
}
