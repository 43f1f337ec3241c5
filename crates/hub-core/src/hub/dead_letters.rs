//! `hub.planner()`: work that was given up, and trying it again.

pub use crate::queue::dead_letters::DeadLetter;

use super::Planners;
use crate::audit::EntryDraft;
use crate::context::{Context, Need};
use crate::ids::{AgentId, DeadLetterId};
use crate::page::{Page, PageRequest};
use crate::queue::{Queue, dead_letters};
use crate::store::{across, boxed, declare};
use crate::{Error, Result};
use uuid::Uuid;

/// A job that waits again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Which it was.
    pub dead_letter_id: DeadLetterId,
    /// The queue in which it waits.
    pub queue: String,
    /// What it is about: the id of a space, window or action; in the queue `index` the sequence
    /// numbers of the first and last entry of a stretch of the log, eight bytes each.
    pub key: Uuid,
}

declare! {
    CUT_AGAIN = "UPDATE windows SET state = 'cut' WHERE agent_id = $1 AND window_id = $2 AND state = 'dead'";
}

fn unknown() -> Error {
    Error::not_found("unknown_dead_letter", "no such dead letter")
}

impl Planners {
    /// The jobs of an agent that were given up. An admin or an operator may ask.
    ///
    /// # Errors
    /// `denied` for other callers; `not_found` for an unknown agent; `invalid` or `limit` for a
    /// malformed page.
    pub async fn dead_letters(
        &self,
        context: &Context,
        agent_id: AgentId,
        page: PageRequest,
    ) -> Result<Page<DeadLetter>> {
        let agent = self.hub.allow(context, agent_id, Need::Inspect)?;
        let (after, rows) = (page.after_id()?, page.rows()?);
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    super::agents::load(tx, agent).await?;
                    let letters = dead_letters::list(tx, agent, after, rows).await?;
                    Page::of(letters, &page, |letter| letter.dead_letter_id.to_string())
                })
            })
            .await
    }

    /// Puts a job back into its queue, with all its attempts. An admin, an owner or a member may.
    ///
    /// # Errors
    /// `denied` for other callers; `not_found`, also when the job was replayed before.
    pub async fn replay(&self, context: &Context, dead_letter_id: DeadLetterId) -> Result<Replayed> {
        let need = if context.principal.agent_id().is_none() { Need::Arrange } else { Need::Decide };
        let agent = self
            .hub
            .allow_thing(context, need, across::OWNER_OF_DEAD_LETTER, dead_letter_id.0, unknown)
            .await?;
        let context = context.clone();
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let (queue, key) = dead_letters::replay(tx, agent, dead_letter_id).await?;
                    if queue == Queue::Plan.as_str() {
                        tx.run(&CUT_AGAIN, vec![agent.agent_id().into(), key.into()]);
                    }
                    let entry = EntryDraft::new(tx.now(), "dead_letter.replayed", &context.principal)
                        .subject("dead_letter", dead_letter_id)
                        .fact("queue", queue.as_str())
                        .fact("key", key);
                    tx.audit(agent, entry).await?;
                    Ok(Replayed { dead_letter_id, queue, key })
                })
            })
            .await
    }
}
