//! `memory.note`: remembers a sentence that somebody asked to be noted.

use super::{arguments, manifest};
use crate::Result;
use crate::audit::EntryDraft;
use crate::context::{Context, scoped_by_hub};
use crate::memory::erase;
use crate::memory::record::{NewMemory, Voice, write};
use crate::store::{Store, boxed};
use crate::tools::{Tool, ToolCall, ToolManifest};
use hub_protocol::vocabulary::{Effect, Scope, Tier};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

#[derive(Debug)]
pub(super) struct MemoryNote {
    store: Store,
    manifest: ToolManifest,
}

#[derive(serde::Deserialize)]
struct Arguments {
    text: String,
}

impl MemoryNote {
    pub(super) fn new(store: Store) -> Result<Self> {
        let schema = json!({
            "type": "object",
            "required": ["text"],
            "properties": { "text": { "type": "string", "minLength": 1, "maxLength": 4000 } },
            "additionalProperties": false
        });
        let scopes = vec![Scope::MemoriesWrite];
        let manifest = manifest("memory.note", "Remembers a sentence.", Effect::Internal, scopes, schema);
        Ok(Self { store, manifest })
    }
}

#[async_trait::async_trait]
impl Tool for MemoryNote {
    fn manifest(&self) -> &ToolManifest {
        &self.manifest
    }

    async fn run(&self, call: ToolCall) -> Result<Value> {
        let Arguments { text } = arguments(call.arguments)?;
        let agent = scoped_by_hub(call.agent_id);
        let derivation =
            Sha256::new().chain_update(b"note").chain_update(call.action_id.0.as_bytes()).finalize().into();
        let written = self
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let Some(voice) = Voice::of(tx, agent).await? else { return Ok(Vec::new()) };
                    let sources = crate::actions::sources(tx, agent, call.action_id).await?;
                    let sources = erase::seqs(tx, agent, &sources).await?;
                    let memory = NewMemory {
                        tier: Tier::Semantic,
                        terms: voice.analyzer().index_terms(&text),
                        content: text,
                        predicate: Some("note".to_owned()),
                        space_id: call.space_id,
                        person_id: None,
                        speaker: None,
                        role: None,
                        confidence: Some(1.0),
                        seq: 0,
                        occurred_at: tx.now(),
                        derivation: Some(derivation),
                        sources,
                    };
                    let written = write(tx, agent, &voice, vec![memory]).await?;
                    let worker = Context::worker(agent.agent_id(), "memory.note");
                    for id in &written {
                        let draft = EntryDraft::new(tx.now(), "memory.noted", &worker.principal)
                            .subject("memory", id)
                            .fact("action_id", call.action_id.to_string());
                        tx.audit(agent, draft).await?;
                    }
                    Ok(written)
                })
            })
            .await?;
        Ok(json!({ "memory_ids": written }))
    }
}
