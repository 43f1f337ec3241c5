//! Writing what came of a window, all or nothing, under the fence of the lease.

use super::budget;
use super::meter::Usage;
use super::plan::Plan;
use super::read::Reading;
use crate::Result;
use crate::actions::propose::{self, Proposal};
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::context::{Context, Scoped};
use crate::hub::Inner;
use crate::ids::EventId;
use crate::memory::erase;
use crate::memory::record::{NewMemory, write as write_all};
use crate::queue::{Lease, finish, hold};
use crate::store::{Tx, boxed, declare};
use hub_protocol::vocabulary::Tier;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;

declare! {
    PLANNED = "UPDATE windows SET state = 'planned', planned_at = $3, planner = $4 \
               WHERE agent_id = $1 AND window_id = $2";
}

/// What one planner made of a window.
pub(super) struct Made {
    pub(super) plan: Plan,
    /// The planner, as it is named beside what it proposed.
    pub(super) by: String,
    pub(super) spent: Usage,
    /// Whether the window is planned with it; else another planner follows under the same lease.
    pub(super) ends: bool,
}

/// Writes it.
pub(super) async fn write(hub: &Arc<Inner>, lease: Lease, reading: Reading, made: Made) -> Result<()> {
    let tools = hub.tools.clone();
    let expiry = hub.settings.action_expiry();
    hub.store
        .write(lease.agent, move |tx| {
            boxed(async move {
                if made.ends {
                    finish(tx, &lease).await?;
                } else {
                    hold(tx, &lease).await?;
                }
                let Made { mut plan, by, spent, ends } = made;
                let agent = lease.agent;
                let context = Context::worker(agent.agent_id(), format!("planner:{by}"));
                budget::spend(tx, agent, &by, spent);
                keep_remembered(tx, agent, &mut plan).await?;
                write_memories(tx, agent, &context, &reading, &plan).await?;
                for proposal in proposals(&reading, plan)? {
                    match propose::propose(tx, agent, &context, &tools, proposal, expiry).await {
                        // The space turned private after the words were said: nothing is proposed
                        // there any more, and what was proposed of them is dropped.
                        Err(error) if error.code() == "space_private" => {}
                        proposed => proposed.map(|_| ())?,
                    }
                }
                if ends {
                    let (now, window) = (tx.now(), reading.window.window_id);
                    let by = reading.planner_name(by);
                    tx.run(&PLANNED, vec![agent.agent_id().into(), window.into(), now.into(), by.into()]);
                }
                Ok(())
            })
        })
        .await
}

/// The actions of a plan, each with what it is made from.
fn proposals(reading: &Reading, plan: Plan) -> Result<Vec<Proposal>> {
    let proposal = |action: super::plan::ProposedAction| {
        let parts = [action.tool.as_str(), &crate::canonical::canonical(&action.arguments)?];
        let derivation = derivation("action", &action.source_event_ids, &parts);
        let traces = reading.traces_of(&action.source_event_ids);
        Ok(Proposal {
            action_id: None,
            space_id: reading.window.space_id,
            tool: action.tool,
            arguments: action.arguments,
            reason: action.reason,
            source_event_ids: action.source_event_ids,
            derivation: Some(derivation),
            traces,
        })
    };
    plan.actions.into_iter().map(proposal).collect()
}

/// Leaves out what rests on words that were forgotten, or whose grant ended, while they were
/// being planned.
async fn keep_remembered(tx: &mut Tx, agent: Scoped, plan: &mut Plan) -> Result<()> {
    let of_memories = plan.memories.iter().flat_map(|memory| &memory.source_event_ids);
    let of_actions = plan.actions.iter().flat_map(|action| &action.source_event_ids);
    let sources: Vec<EventId> = of_memories.chain(of_actions).copied().collect();
    let kept = erase::remembered(tx, agent, &sources).await?;
    plan.memories.retain(|memory| memory.source_event_ids.iter().all(|id| kept.contains(id)));
    plan.actions.retain(|action| action.source_event_ids.iter().all(|id| kept.contains(id)));
    Ok(())
}

async fn write_memories(
    tx: &mut Tx,
    agent: Scoped,
    context: &Context,
    reading: &Reading,
    plan: &Plan,
) -> Result<()> {
    let analyzer = reading.voice.analyzer();
    let mut memories = Vec::with_capacity(plan.memories.len());
    for memory in &plan.memories {
        let places: BTreeSet<(i64, Timestamp)> =
            memory.source_event_ids.iter().filter_map(|id| reading.places.get(id)).copied().collect();
        let (seq, occurred_at) = places.last().copied().unwrap_or((0, tx.now()));
        memories.push(NewMemory {
            tier: Tier::Semantic,
            terms: analyzer.index_terms(&memory.content),
            content: memory.content.clone(),
            predicate: Some(memory.predicate.clone()),
            space_id: reading.window.space_id,
            person_id: memory.person_id,
            speaker: None,
            role: None,
            confidence: Some(memory.confidence),
            seq,
            occurred_at,
            derivation: Some(derivation(
                "fact",
                &memory.source_event_ids,
                &[&memory.predicate, &memory.content],
            )),
            sources: places.iter().map(|(seq, _)| *seq).collect(),
        });
    }
    for memory_id in write_all(tx, agent, &reading.voice, memories).await? {
        let draft = EntryDraft::new(tx.now(), "memory.derived", &context.principal)
            .subject("memory", memory_id)
            .fact("window_id", reading.window.window_id.to_string());
        tx.audit(agent, draft).await?;
    }
    Ok(())
}

/// What a proposal is made from and says: planning again finds it.
fn derivation(kind: &str, sources: &[EventId], parts: &[&str]) -> [u8; 32] {
    let mut ids: Vec<EventId> = sources.to_vec();
    ids.sort();
    let mut hash = Sha256::new();
    hash.update(kind.as_bytes());
    for id in ids {
        hash.update(id.0.as_bytes());
    }
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}
