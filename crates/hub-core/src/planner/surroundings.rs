//! What a model is told beside the talk. All of it is of the window's own space: what was said in one room
//! goes to no model for the talk of another.

use super::plan::{KnownMemory, OfferedTool, OpenAction, Surroundings, Window};
use crate::Result;
use crate::context::Scoped;
use crate::hub::Inner;
use crate::ids::{EventId, SpaceId};
use crate::memory::recall::Breadth;
use crate::memory::{Recall, RecallRequest, recall};
use crate::store::{Tx, boxed, declare};
use std::collections::HashSet;
use std::sync::Arc;

/// Memories that are shown.
const MEMORIES: usize = 8;
/// Memories that are asked for: some are of the window itself.
const ASKED_FOR: u32 = 24;
/// Tokens that they may fill, at four bytes a token.
const MEMORY_TOKENS: u32 = 1_000;
/// Bytes of the talk that memory is asked about; the end of it, which asks and requests.
const QUERY_BYTES: usize = 400;

declare! {
    OPEN = "SELECT tool, arguments FROM actions WHERE agent_id = $1 AND space_id = $2 \
            AND state IN ('awaiting_approval', 'approved', 'running') AND expires_at > $3 \
            ORDER BY created_at DESC LIMIT 20";
}

/// Gathers it. Memory is waited for no longer than the setting says.
pub(super) async fn gather(hub: &Arc<Inner>, agent: Scoped, window: &Window) -> Result<Surroundings> {
    let space = window.space_id;
    let actions = hub.store.read(agent, move |tx| boxed(open_actions(tx, agent, space))).await?;
    let recalled = tokio::select! {
        recalled = remembered(hub, agent, window) => Some(recalled?),
        () = hub.clock.sleep(hub.settings.plan_recall()) => None,
    };
    let tools = hub.tools.newest_manifests();
    let offered = |tool: crate::tools::ToolManifest| OfferedTool {
        name: tool.name,
        description: tool.description,
        input_schema: tool.input_schema,
    };
    Ok(Surroundings {
        without_memory: recalled.is_none(),
        memories: recalled.unwrap_or_default(),
        actions,
        tools: tools.into_iter().map(offered).collect(),
        correction: None,
    })
}

async fn open_actions(tx: &mut Tx, agent: Scoped, space: SpaceId) -> Result<Vec<OpenAction>> {
    let parameters = vec![agent.agent_id().into(), space.into(), tx.now().into()];
    let rows = tx.rows(&OPEN, parameters).await?;
    rows.into_iter().map(|mut row| Ok(OpenAction { tool: row.take(0)?, arguments: row.json(1)? })).collect()
}

/// What memory has for the talk, without what is the talk itself.
async fn remembered(hub: &Inner, agent: Scoped, window: &Window) -> Result<Vec<KnownMemory>> {
    let request = RecallRequest {
        k: ASKED_FOR,
        space_id: Some(window.space_id),
        budget_tokens: Some(MEMORY_TOKENS),
        ..RecallRequest::new(question(window))
    };
    let narrowing = recall::RecallNarrowing::default();
    let found: Recall = hub
        .store
        .read(agent, move |tx| {
            boxed(async move { recall::recall(tx, agent, &request, &narrowing, Breadth::NARROW).await })
        })
        .await?;
    let own: HashSet<EventId> = window.utterances.iter().map(|utterance| utterance.event_id).collect();
    let memories = found.memories.into_iter().map(|recalled| recalled.memory);
    let others = memories.filter(|memory| !memory.source_event_ids.iter().all(|id| own.contains(id)));
    let known = |memory: crate::memory::Memory| KnownMemory {
        content: memory.content,
        speaker: memory.speaker,
        occurred_at: memory.occurred_at,
    };
    Ok(others.take(MEMORIES).map(known).collect())
}

/// The end of what people said.
fn question(window: &Window) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut bytes = 0;
    for utterance in window.utterances.iter().rev().filter(|utterance| utterance.is_open()) {
        for word in utterance.text.split_whitespace().rev() {
            bytes += word.len() + 1;
            if bytes > QUERY_BYTES {
                words.reverse();
                return words.join(" ");
            }
            words.push(word);
        }
    }
    words.reverse();
    words.join(" ")
}
