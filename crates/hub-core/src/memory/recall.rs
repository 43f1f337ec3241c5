//! Recall: a question finds memories. The database yields candidates by the agent's own terms;
//! the ranking is computed in [`super::rank`].

mod candidates;
mod request;

pub use request::{Recall, RecallRequest, Recalled};

use super::rank::{Document, Query, Ranked, Statistics, Weights, rank};
use super::record::{Memory, Voice, with_sources};
use crate::Result;
use crate::context::Scoped;
use crate::store::Tx;
use crate::trace::{self, TARGET};
use candidates::{Candidate, Narrowing};
use std::collections::HashMap;
use tracing::Instrument as _;
use tracing::field::Empty;

pub(crate) use candidates::{ALL, Breadth, LISTS};

/// Finds and ranks.
pub(crate) async fn recall(
    tx: &mut Tx,
    agent: Scoped,
    request: &RecallRequest,
    narrowing: &Narrowing,
    breadth: Breadth,
) -> Result<Recall> {
    let span = trace::part_of_current(|| {
        tracing::info_span!(
            target: TARGET, "recall", hub.recall.k = i64::from(request.k), hub.recall.found = Empty,
            hub.recall.partial = Empty, "error.type" = Empty, otel.status_code = Empty
        )
    });
    let recalled = find(tx, agent, request, narrowing, breadth).instrument(span.clone()).await;
    if let Ok(recalled) = &recalled {
        span.record("hub.recall.found", trace::count(recalled.memories.len()));
        span.record("hub.recall.partial", recalled.partial);
    }
    trace::ended(&span, &recalled);
    recalled
}

async fn find(
    tx: &mut Tx,
    agent: Scoped,
    request: &RecallRequest,
    narrowing: &Narrowing,
    breadth: Breadth,
) -> Result<Recall> {
    let Some(voice) = Voice::of(tx, agent).await? else { return Ok(Recall::default()) };
    let query = Query::new(voice.analyzer().query_terms(&request.query));
    let (statistics, found, partial) = candidates::find(tx, agent, &voice, &query, breadth).await?;
    let documents = candidates::load(tx, agent, &voice, &query, &found).await?;
    let allowed = candidates::allowed(tx, agent, &documents, request, narrowing).await?;
    let k = usize::try_from(request.k).unwrap_or(0);
    let ranked = ranking(&query, &statistics, &documents, &allowed, k);
    take(tx, agent, documents, ranked, request, partial).await
}

/// Ranks all that was loaded, so that neighbours count, and keeps what may be shown and earned it.
fn ranking(
    query: &Query,
    statistics: &Statistics,
    documents: &HashMap<i64, Candidate>,
    allowed: &std::collections::HashSet<i64>,
    k: usize,
) -> Vec<Ranked<i64>> {
    let list: Vec<Document<i64>> = documents.values().map(|candidate| candidate.document.clone()).collect();
    rank(query, statistics, &list, Weights::default(), list.len())
        .into_iter()
        .filter(|ranked| allowed.contains(&ranked.key))
        .take(k)
        .collect()
}

/// Turns the ranking into memories, within the budget of tokens.
async fn take(
    tx: &mut Tx,
    agent: Scoped,
    mut documents: HashMap<i64, Candidate>,
    ranked: Vec<Ranked<i64>>,
    request: &RecallRequest,
    mut partial: bool,
) -> Result<Recall> {
    let mut left = request.budget_tokens.map(|tokens| usize::try_from(tokens).unwrap_or(usize::MAX));
    let mut kept: Vec<(Ranked<i64>, Memory)> = Vec::new();
    for ranked in ranked {
        let Some(candidate) = documents.remove(&ranked.key) else { continue };
        if let Some(left) = &mut left {
            // A token of English is about four bytes; a budget is held, not estimated generously.
            let tokens = candidate.memory.content.len().div_ceil(4);
            match left.checked_sub(tokens) {
                Some(rest) => *left = rest,
                None => {
                    partial = true;
                    break;
                }
            }
        }
        kept.push((ranked, candidate.memory));
    }
    let (ranked, mut memories): (Vec<_>, Vec<_>) = kept.into_iter().unzip();
    with_sources(tx, agent, &mut memories).await?;
    let memories = ranked
        .into_iter()
        .zip(memories)
        .map(|(ranked, memory)| Recalled { memory, score: ranked.score, why: ranked.why })
        .collect();
    Ok(Recall { memories, partial })
}

pub(crate) use candidates::Narrowing as RecallNarrowing;
