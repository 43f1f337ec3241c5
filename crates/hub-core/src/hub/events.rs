//! `hub.events()`.

use super::Events;
use crate::Result;
use crate::audit::EntryDraft;
use crate::context::{Context, Need};
use crate::events::list;
use crate::events::{Batch, Event, EventOutcome, ingest};
use crate::ids::{EventId, SpaceId};
use crate::memory::erase;
use crate::page::{Page, PageRequest};
use crate::store::boxed;
use hub_protocol::vocabulary::Scope;
use tracing::Span;

impl Events {
    /// Stores events, one outcome each in the order given. The answer comes after the commit: what
    /// it calls stored is durable, with its audit entry and its place in the queue. One bad event
    /// never holds back the others. When the caller goes away, or an error comes instead of an
    /// answer, the outcome is unknown: ask again with the same ids.
    ///
    /// # Errors
    /// `denied` when the caller may not post events at all; `limit` for fewer than 1 or more than
    /// 1,000 events; `unavailable` when nothing could be made durable.
    pub async fn append(&self, context: &Context, batch: impl Into<Batch>) -> Result<Vec<EventOutcome>> {
        let mut submission =
            ingest::prepare(context, batch.into(), self.hub.now(), self.hub.settings.pace())?;
        submission.trace = self.hub.store.traces().context(&Span::current());
        self.hub.store.ingest(submission).await
    }

    /// The events of a space, in the order in which they were stored.
    ///
    /// # Errors
    /// `not_found` for an unknown space; `denied` without the scope `events:read`.
    pub async fn list(&self, context: &Context, space_id: SpaceId, page: PageRequest) -> Result<Page<Event>> {
        let need = Need::Content(Scope::EventsRead, Some(space_id));
        let agent = self.hub.allow_own(context, need)?;
        let (after, rows) = (page.after_number()?, page.rows()?);
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    super::spaces::load(tx, agent, space_id).await?;
                    let events = list::of_space(tx, agent, space_id, after, rows).await?;
                    Page::of(events, &page, |event| event.seq.to_string())
                })
            })
            .await
    }

    /// The events of a space behind a place, as soon as there is one: what a stream is made of. Waits
    /// for as long as it takes; the caller stops waiting by dropping it. The page always says where the
    /// next one begins, so who was away goes on there, whichever process stored what came meanwhile. It
    /// looks every 20 ms: a commit of another process rings no bell here.
    ///
    /// # Errors
    /// As [`Events::list`], and `unavailable` once the hub was shut down.
    pub async fn follow(
        &self,
        context: &Context,
        space_id: SpaceId,
        page: PageRequest,
    ) -> Result<Page<Event>> {
        loop {
            let mut found = self.list(context, space_id, page.clone()).await?;
            if let Some(last) = found.items.last() {
                found.next_cursor = Some(last.seq.to_string());
                return Ok(found);
            }
            self.hub.clock.sleep(super::LOOK_EVERY).await;
        }
    }

    /// The cursor behind the newest event of a space: where [`Events::follow`] begins for who wants what
    /// comes from now on.
    ///
    /// # Errors
    /// As [`Events::list`].
    pub async fn end(&self, context: &Context, space_id: SpaceId) -> Result<String> {
        let agent = self.hub.allow_own(context, Need::Content(Scope::EventsRead, Some(space_id)))?;
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    super::spaces::load(tx, agent, space_id).await?;
                    Ok(list::end(tx, agent, space_id).await?.to_string())
                })
            })
            .await
    }

    /// Forgets an event and everything that was derived from it. Its id stays known.
    ///
    /// # Errors
    /// `not_found` for an unknown or forgotten event; `denied` without the scope `memories:write`.
    pub async fn forget(&self, context: &Context, event_id: EventId) -> Result<()> {
        let agent = self.hub.allow_own(context, Need::Content(Scope::MemoriesWrite, None))?;
        let context = context.clone();
        let now = self.hub.now();
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let space = list::space_of(tx, agent, event_id).await?;
                    let need = Need::Content(Scope::MemoriesWrite, Some(space));
                    crate::context::authorize(&context, agent.agent_id(), need, now)?;
                    let erased = erase::events(tx, agent, &[event_id]).await?;
                    for id in erased.memories {
                        let draft = EntryDraft::new(tx.now(), "memory.forgotten", &context.principal);
                        tx.audit(agent, draft.subject("memory", id)).await?;
                    }
                    let draft = EntryDraft::new(tx.now(), "event.forgotten", &context.principal);
                    tx.audit(agent, draft.subject("event", event_id)).await.map(|_| ())
                })
            })
            .await
    }
}
