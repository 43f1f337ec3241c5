//! `memory.forget`: forgets the semantic memories that hold all the words of a phrase, and what
//! they were derived from.

use super::{arguments, manifest};
use crate::audit::EntryDraft;
use crate::context::{Context, Scoped, scoped_by_hub};
use crate::ids::{EventId, MemoryId, PersonId, SpaceId};
use crate::memory::erase;
use crate::memory::record::Voice;
use crate::store::{ListStatement, Store, Tx, Value as Sql, boxed, declare};
use crate::tools::{Tool, ToolCall, ToolManifest};
use crate::{Error, Result};
use hub_protocol::vocabulary::{Effect, Scope};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Memories that one call forgets at most: a phrase that fits more is too vague to act on.
const AT_MOST: usize = 50;

#[derive(Debug)]
pub(super) struct MemoryForget {
    store: Store,
    manifest: ToolManifest,
}

#[derive(serde::Deserialize)]
struct Arguments {
    about: String,
    person_id: Option<PersonId>,
}

declare! {
    FACTS = "SELECT memory_id, content FROM memories WHERE agent_id = $1 AND tier = 'semantic' AND space_id = $2 \
             AND (person_id = $3 OR $3 IS NULL) ORDER BY doc";
}

const SOURCES: ListStatement = ListStatement {
    sql: "SELECT DISTINCT e.event_id FROM memory_sources s \
          JOIN events e ON e.agent_id = s.agent_id AND e.seq = s.seq \
          WHERE s.agent_id = $1 AND s.memory_id IN ({})",
    before: 1,
};
pub(crate) const LISTS: &[(&str, ListStatement)] = &[("SOURCES", SOURCES)];

impl MemoryForget {
    pub(super) fn new(store: Store) -> Result<Self> {
        let schema = json!({
            "type": "object",
            "required": ["about"],
            "properties": {
                "about": { "type": "string", "minLength": 1, "maxLength": 1000 },
                "person_id": { "type": "string", "format": "uuid" }
            },
            "additionalProperties": false
        });
        let scopes = vec![Scope::MemoriesWrite];
        let description = "Forgets the facts that hold all these words, and what they were derived from.";
        let manifest = manifest("memory.forget", description, Effect::Internal, scopes, schema);
        Ok(Self { store, manifest })
    }
}

#[async_trait::async_trait]
impl Tool for MemoryForget {
    fn manifest(&self) -> &ToolManifest {
        &self.manifest
    }

    async fn run(&self, call: ToolCall) -> Result<Value> {
        let wanted: Arguments = arguments(call.arguments)?;
        let (agent, space) = (scoped_by_hub(call.agent_id), call.space_id);
        self.store.write(agent, move |tx| boxed(forget(tx, agent, space, wanted))).await
    }
}

async fn forget(tx: &mut Tx, agent: Scoped, space: SpaceId, wanted: Arguments) -> Result<Value> {
    let found = facts(tx, agent, space, &wanted).await?;
    if found.len() > AT_MOST {
        return Err(Error::limit(
            "too_vague",
            "the phrase fits too many memories",
            format!("{AT_MOST} memories"),
        ));
    }
    let list: Vec<Sql> = found.iter().map(|id| (*id).into()).collect();
    let mut sources: Vec<EventId> = Vec::new();
    for mut row in tx.rows_of_list(SOURCES, &[agent.agent_id().into()], &list).await? {
        sources.push(row.take(0)?);
    }
    let erased = erase::events(tx, agent, &sources).await?;
    let rest = erase::memories(tx, agent, &found).await?;
    let worker = Context::worker(agent.agent_id(), "memory.forget");
    for id in erased.memories.iter().chain(&rest) {
        let draft = EntryDraft::new(tx.now(), "memory.forgotten", &worker.principal).subject("memory", id);
        tx.audit(agent, draft).await?;
    }
    for id in &erased.events {
        let draft = EntryDraft::new(tx.now(), "event.forgotten", &worker.principal).subject("event", id);
        tx.audit(agent, draft).await?;
    }
    Ok(json!({ "memories": erased.memories.len() + rest.len(), "events": erased.events.len() }))
}

async fn facts(tx: &mut Tx, agent: Scoped, space: SpaceId, wanted: &Arguments) -> Result<Vec<MemoryId>> {
    let Some(voice) = Voice::of(tx, agent).await? else { return Ok(Vec::new()) };
    let analyzer = voice.analyzer();
    let terms = analyzer.query_terms(&wanted.about);
    let mut found = Vec::new();
    for mut row in
        tx.rows(&FACTS, vec![agent.agent_id().into(), space.into(), wanted.person_id.into()]).await?
    {
        let held: HashSet<String> = analyzer.index_terms(&row.take::<String>(1)?).into_iter().collect();
        if !terms.is_empty() && terms.iter().all(|term| held.contains(term)) {
            found.push(row.take(0)?);
        }
    }
    Ok(found)
}
