//! Grants that have ended: what was derived under them is erased.

use crate::Result;
use crate::audit::EntryDraft;
use crate::consent::grants;
use crate::context::{Context, Scoped, scoped_by_hub};
use crate::ids::{AgentId, ConsentId, EventId};
use crate::memory::erase;
use crate::store::{Tx, across, declare};

/// Grants that one step looks at.
const AT_ONCE: i64 = 100;

declare! {
    EVENTS = "SELECT event_id FROM events WHERE agent_id = $1 AND consent_id = $2 AND forgotten_at IS NULL ORDER BY seq";
}

pub(super) async fn due(tx: &mut Tx) -> Result<Vec<(Scoped, ConsentId)>> {
    let now = tx.now();
    let rows = tx.across(across::GRANTS_ENDED, vec![now.into(), AT_ONCE.into()]).await?;
    rows.into_iter().map(|mut row| Ok((scoped_by_hub(AgentId(row.take(0)?)), row.take(1)?))).collect()
}

/// Erases everything that rests on a grant, and records that it was done.
pub(crate) async fn erase_of_grant(tx: &mut Tx, agent: Scoped, consent: ConsentId) -> Result<()> {
    let own = agent.agent_id();
    let mut events: Vec<EventId> = Vec::new();
    for mut row in tx.rows(&EVENTS, vec![own.into(), consent.into()]).await? {
        events.push(row.take(0)?);
    }
    let mut erased = erase::events(tx, agent, &events).await?;
    erased.extend(crate::artifacts::erase::of_consent(tx, agent, consent).await?);
    let now = tx.now();
    tx.run(&grants::ERASED, vec![own.into(), consent.into(), now.into()]);
    let worker = Context::worker(own, "timers");
    let draft = EntryDraft::new(now, "consent.erased", &worker.principal)
        .subject("consent", consent)
        .fact("events", erased.events.len())
        .fact("memories", erased.memories.len());
    tx.audit(agent, draft).await.map(|_| ())
}
