//! `hub.memory()`.

use super::Memories;
use crate::audit::EntryDraft;
use crate::context::{Context, Need, Principal, Scoped, authorize};
use crate::ids::{AgentId, MemoryId, PersonId, SpaceId};
use crate::memory::recall::Breadth;
use crate::memory::record::{NewMemory, Voice, read, with_sources, write};
use crate::memory::{Memory, Recall, RecallRequest, erase, recall};
use crate::page::{Page, PageRequest};
use crate::store::{Tx, boxed, declare};
use crate::text::without_nul;
use crate::{Error, Result};
use hub_protocol::limits;
use hub_protocol::vocabulary::{Scope, Tier};
use sha2::{Digest as _, Sha256};

/// A sentence to be remembered as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNote {
    /// Where it belongs; who may read the space may recall it.
    pub space_id: SpaceId,
    /// 1 byte to 64 KiB.
    pub content: String,
    /// Whom it is about.
    pub person_id: Option<PersonId>,
}

/// Which memories to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryFilter {
    /// Only of this tier.
    pub tier: Option<Tier>,
    /// Only of this space.
    pub space_id: Option<SpaceId>,
}

declare! {
    // What rests on a grant that has ended is not shown, erased already or not.
    ONE = "SELECT memory_id, tier, content, predicate, space_id, person_id, speaker, role, confidence, occurred_at, \
           created_at FROM memories WHERE agent_id = $1 AND memory_id = $2 AND NOT EXISTS (SELECT 1 FROM memory_sources s \
           JOIN events e ON e.agent_id = s.agent_id AND e.seq = s.seq \
           JOIN consents c ON c.agent_id = e.agent_id AND c.consent_id = e.consent_id \
           WHERE s.agent_id = memories.agent_id AND s.memory_id = memories.memory_id \
           AND (c.revoked_at IS NOT NULL OR c.expires_at <= $3))";
    PAGE = "SELECT memory_id, tier, content, predicate, space_id, person_id, speaker, role, confidence, occurred_at, \
            created_at, doc FROM memories WHERE agent_id = $1 AND doc > $2 AND (tier = $3 OR $3 IS NULL) \
            AND (space_id = $4 OR $4 IS NULL) AND NOT EXISTS (SELECT 1 FROM memory_sources s \
           JOIN events e ON e.agent_id = s.agent_id AND e.seq = s.seq \
           JOIN consents c ON c.agent_id = e.agent_id AND c.consent_id = e.consent_id \
           WHERE s.agent_id = memories.agent_id AND s.memory_id = memories.memory_id \
           AND (c.revoked_at IS NOT NULL OR c.expires_at <= $6)) ORDER BY doc LIMIT $5";
    PERSON = "SELECT 1 FROM people WHERE agent_id = $1 AND person_id = $2 AND deleted_at IS NULL";
    PLACE = "SELECT seq, occurred_at FROM memories WHERE agent_id = $1 AND memory_id = $2";
}

fn unknown() -> Error {
    Error::not_found("unknown_memory", "no such memory")
}

impl Memories {
    /// Finds memories for a question, best first. Needs no model and no network.
    ///
    /// # Errors
    /// `limit` for a query over 4 KiB or a `k` outside 1 to 100; `not_found` for an unknown space;
    /// `denied` without the scope `memories:read`.
    pub async fn recall(&self, context: &Context, request: RecallRequest) -> Result<Recall> {
        request.check()?;
        let agent = self.hub.allow_own(context, Need::Content(Scope::MemoriesRead, request.space_id))?;
        let narrowing = recall::RecallNarrowing {
            spaces: match &context.principal {
                Principal::Delegate { spaces, .. } => Some(spaces.clone()),
                _ => None,
            },
        };
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    if let Some(space) = request.space_id {
                        super::spaces::load(tx, agent, space).await?;
                    }
                    recall::recall(tx, agent, &request, &narrowing, Breadth::WIDE).await
                })
            })
            .await
    }

    /// The memories of an agent, oldest first.
    ///
    /// # Errors
    /// `denied` without the scope `memories:read`; `invalid` or `limit` for a malformed page.
    pub async fn list(
        &self,
        context: &Context,
        agent_id: AgentId,
        filter: MemoryFilter,
        page: PageRequest,
    ) -> Result<Page<Memory>> {
        let agent = self.hub.allow(context, agent_id, Need::Content(Scope::MemoriesRead, filter.space_id))?;
        let (after, rows) = (page.after_number()?, page.rows()?);
        let (context, now) = (context.clone(), self.hub.now());
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    let parameters = vec![
                        agent_id.into(),
                        after.into(),
                        filter.tier.map(Tier::as_str).into(),
                        filter.space_id.into(),
                        rows.into(),
                        tx.now().into(),
                    ];
                    let mut found = Vec::new();
                    for mut row in tx.rows(&PAGE, parameters).await? {
                        let memory = read(&mut row)?;
                        found.push((memory, row.take::<i64>(11)?));
                    }
                    let page = Page::of(found, &page, |(_, doc)| doc.to_string())?;
                    let (mut items, _): (Vec<_>, Vec<_>) = page.items.into_iter().unzip();
                    items.retain(|memory| {
                        may(&context, agent, Scope::MemoriesRead, memory.space_id, now).is_ok()
                    });
                    with_sources(tx, agent, &mut items).await?;
                    Ok(Page { items, next_cursor: page.next_cursor })
                })
            })
            .await
    }

    /// One memory, with what it was made from.
    ///
    /// # Errors
    /// `not_found`; `denied` without the scope `memories:read`.
    pub async fn get(&self, context: &Context, id: MemoryId) -> Result<Memory> {
        let agent = self.hub.allow_own(context, Need::Content(Scope::MemoriesRead, None))?;
        let (context, now) = (context.clone(), self.hub.now());
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    let memory = load(tx, agent, id).await?;
                    may(&context, agent, Scope::MemoriesRead, memory.space_id, now).map_err(|_| unknown())?;
                    Ok(memory)
                })
            })
            .await
    }

    /// Remembers a sentence as it stands.
    ///
    /// # Errors
    /// `not_found` for an unknown space or person; `invalid` or `limit` for empty or too long
    /// content; `denied` without the scope `memories:write`, and while the space is private.
    pub async fn note(&self, context: &Context, agent_id: AgentId, note: NewNote) -> Result<Memory> {
        let agent =
            self.hub.allow(context, agent_id, Need::Content(Scope::MemoriesWrite, Some(note.space_id)))?;
        check_content(&note.content)?;
        let context = context.clone();
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    open_space(tx, agent, note.space_id).await?;
                    if let Some(person) = note.person_id {
                        let known = tx.row(&PERSON, vec![agent_id.into(), person.into()]).await?.is_some();
                        if !known {
                            return Err(
                                Error::not_found("unknown_person", "no such person").field("person_id")
                            );
                        }
                    }
                    let derivation = tx.random::<32>()?;
                    let place = (0, tx.now());
                    let id = put(tx, agent, note, "note", derivation, place).await?;
                    let draft =
                        EntryDraft::new(tx.now(), "memory.noted", &context.principal).subject("memory", id);
                    tx.audit(agent, draft).await?;
                    load(tx, agent, id).await
                })
            })
            .await
    }

    /// Corrects the words of a semantic memory: the old one is forgotten, and a new one that says
    /// what a person said is in its place, with the same sources. What was said cannot be changed.
    ///
    /// # Errors
    /// `not_found`; `conflict` for an episodic memory; as [`Memories::note`].
    pub async fn edit(&self, context: &Context, id: MemoryId, content: String) -> Result<Memory> {
        let agent = self.hub.allow_own(context, Need::Content(Scope::MemoriesWrite, None))?;
        check_content(&content)?;
        let (context, now) = (context.clone(), self.hub.now());
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let old = load(tx, agent, id).await?;
                    may(&context, agent, Scope::MemoriesWrite, old.space_id, now)?;
                    if old.tier == Tier::Episodic {
                        return Err(Error::conflict(
                            "episode",
                            "what was said cannot be changed, only forgotten",
                        ));
                    }
                    let derivation = Sha256::new()
                        .chain_update(b"edit")
                        .chain_update(id.0.as_bytes())
                        .chain_update(content.as_bytes())
                        .finalize()
                        .into();
                    let place = match tx.row(&PLACE, vec![agent.agent_id().into(), id.into()]).await? {
                        Some(mut row) => (row.take(0)?, row.take(1)?),
                        None => (0, tx.now()),
                    };
                    let sources = erase::seqs(tx, agent, &old.source_event_ids).await?;
                    erase::memories(tx, agent, &[id]).await?;
                    let predicate = old.predicate.clone().unwrap_or_else(|| "note".to_owned());
                    let note = NewNote { space_id: old.space_id, content, person_id: old.person_id };
                    let new =
                        put_with_sources(tx, agent, note, &predicate, derivation, place, sources).await?;
                    let draft = EntryDraft::new(tx.now(), "memory.corrected", &context.principal)
                        .subject("memory", new)
                        .fact("replaces", id.to_string());
                    tx.audit(agent, draft).await?;
                    load(tx, agent, new).await
                })
            })
            .await
    }

    /// Forgets a memory. Forgetting what was said forgets its event, and with it everything that
    /// was derived from it; forgetting a fact leaves what was said.
    ///
    /// # Errors
    /// `not_found`; `denied` without the scope `memories:write`.
    pub async fn forget(&self, context: &Context, id: MemoryId) -> Result<()> {
        let agent = self.hub.allow_own(context, Need::Content(Scope::MemoriesWrite, None))?;
        let (context, now) = (context.clone(), self.hub.now());
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let memory = load(tx, agent, id).await?;
                    may(&context, agent, Scope::MemoriesWrite, memory.space_id, now)?;
                    let mut erased = match memory.tier {
                        Tier::Episodic => erase::events(tx, agent, &memory.source_event_ids).await?,
                        Tier::Semantic => erase::Erased::default(),
                    };
                    erased.memories.extend(erase::memories(tx, agent, &[id]).await?);
                    for memory in erased.memories {
                        let draft = EntryDraft::new(tx.now(), "memory.forgotten", &context.principal);
                        tx.audit(agent, draft.subject("memory", memory)).await?;
                    }
                    for event in erased.events {
                        let draft = EntryDraft::new(tx.now(), "event.forgotten", &context.principal);
                        tx.audit(agent, draft.subject("event", event)).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

fn may(
    context: &Context,
    agent: Scoped,
    scope: Scope,
    space: SpaceId,
    now: crate::clock::Timestamp,
) -> Result<()> {
    authorize(context, agent.agent_id(), Need::Content(scope, Some(space)), now).map(|_| ())
}

fn check_content(content: &str) -> Result<()> {
    if content.trim().is_empty() {
        return Err(Error::invalid("empty_content", "a memory has words").field("content"));
    }
    if content.len() > limits::MEMORY_BYTES {
        let limit = format!("{} bytes", limits::MEMORY_BYTES);
        return Err(Error::limit("content_too_long", "the content is too long", limit).field("content"));
    }
    without_nul(content, "content")
}

async fn open_space(tx: &mut Tx, agent: Scoped, space: SpaceId) -> Result<()> {
    if super::spaces::load(tx, agent, space).await?.privacy_mode {
        return Err(Error::denied("space_private", "the space is private: nothing is kept there"));
    }
    Ok(())
}

async fn load(tx: &mut Tx, agent: Scoped, id: MemoryId) -> Result<Memory> {
    let parameters = vec![agent.agent_id().into(), id.into(), tx.now().into()];
    let mut row = tx.row(&ONE, parameters).await?.ok_or_else(unknown)?;
    let mut memory = [read(&mut row)?];
    with_sources(tx, agent, &mut memory).await?;
    let [memory] = memory;
    Ok(memory)
}

async fn put(
    tx: &mut Tx,
    agent: Scoped,
    note: NewNote,
    predicate: &str,
    derivation: [u8; 32],
    place: (i64, crate::clock::Timestamp),
) -> Result<MemoryId> {
    put_with_sources(tx, agent, note, predicate, derivation, place, Vec::new()).await
}

async fn put_with_sources(
    tx: &mut Tx,
    agent: Scoped,
    note: NewNote,
    predicate: &str,
    derivation: [u8; 32],
    (seq, occurred_at): (i64, crate::clock::Timestamp),
    sources: Vec<i64>,
) -> Result<MemoryId> {
    let voice = Voice::of(tx, agent).await?.ok_or_else(unknown)?;
    let memory = NewMemory {
        tier: Tier::Semantic,
        terms: voice.analyzer().index_terms(&note.content),
        content: note.content,
        predicate: Some(predicate.to_owned()),
        space_id: note.space_id,
        person_id: note.person_id,
        speaker: None,
        role: None,
        confidence: Some(1.0),
        seq,
        occurred_at,
        derivation: Some(derivation),
        sources,
    };
    let written = write(tx, agent, &voice, vec![memory]).await?;
    written.into_iter().next().ok_or_else(|| Error::conflict("same_memory", "this is what it says already"))
}
