//! A question and its answer.

use super::optional_time;
use crate::Result;
use crate::memory::{Recall, RecallRequest, Recalled};
use hub_protocol::recall as wire;
use std::collections::BTreeMap;

/// A question.
///
/// # Errors
/// `invalid`, naming the field, when a time is none.
pub fn recall_request(request: wire::RecallRequest) -> Result<RecallRequest> {
    Ok(RecallRequest {
        as_of: optional_time(request.as_of.as_ref(), "as_of")?,
        query: request.query,
        k: request.k,
        space_id: request.space_id.map(Into::into),
        person_id: request.person_id.map(Into::into),
        tiers: request.tiers.unwrap_or_default(),
        budget_tokens: request.budget_tokens,
    })
}

/// What a question found, and why.
#[must_use]
pub fn recall(recall: Recall) -> wire::RecallAnswer {
    wire::RecallAnswer {
        memories: recall.memories.into_iter().map(recalled).collect(),
        partial: recall.partial,
    }
}

fn recalled(recalled: Recalled) -> wire::RecalledMemory {
    let Recalled { memory, score, why } = recalled;
    let legs = [("turn", why.turn), ("window", why.window), ("neighbours", why.neighbours)];
    wire::RecalledMemory {
        memory_id: memory.memory_id.0,
        tier: memory.tier,
        content: memory.content,
        score,
        occurred_at: memory.occurred_at.to_string(),
        source_event_ids: memory.source_event_ids.into_iter().map(|id| id.0).collect(),
        why: wire::Why {
            terms: why.terms,
            legs: legs.into_iter().map(|(leg, gave)| (leg.to_owned(), gave)).collect::<BTreeMap<_, _>>(),
        },
    }
}
