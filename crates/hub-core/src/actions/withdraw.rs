//! What was forgotten is not acted on any more.

use super::lifecycle::Event;
use super::record::{Outcome, load, transition};
use crate::Result;
use crate::context::{Context, Scoped};
use crate::ids::{ActionId, EventId};
use crate::store::{Tx, declare};
use std::collections::HashSet;

declare! {
    OPEN = "SELECT action_id, source_event_ids FROM actions WHERE agent_id = $1 \
            AND state IN ('awaiting_approval', 'approved')";
    UNQUEUE = "DELETE FROM queue WHERE queue = 'tools' AND agent_id = $1 AND key = $2";
    BLANK = "UPDATE actions SET arguments = '{}', reason = '' WHERE agent_id = $1 AND action_id = $2";
}

/// Cancels actions that were derived from these events and have not begun, and erases what they
/// would have done.
pub(crate) async fn of_events(tx: &mut Tx, agent: Scoped, events: &[EventId]) -> Result<()> {
    let events: HashSet<EventId> = events.iter().copied().collect();
    let mut derived: Vec<ActionId> = Vec::new();
    for mut row in tx.rows(&OPEN, vec![agent.agent_id().into()]).await? {
        let sources: Vec<EventId> = row.json(1)?;
        if sources.iter().any(|source| events.contains(source)) {
            derived.push(row.take(0)?);
        }
    }
    let worker = Context::worker(agent.agent_id(), "forget");
    for id in derived {
        let mut action = load(tx, agent, id).await?;
        let outcome = Outcome::problem("forgotten", "what this was derived from was forgotten");
        transition(tx, agent, &worker.principal, &mut action, Event::Cancel, outcome).await?;
        let own = vec![agent.agent_id().into(), id.into()];
        tx.run(&UNQUEUE, own.clone()).await?;
        tx.run(&BLANK, own).await?;
    }
    Ok(())
}
