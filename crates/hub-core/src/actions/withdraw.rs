//! What was forgotten is not acted on any more.

use super::lifecycle::Event;
use super::record::{Outcome, load, transition};
use crate::Result;
use crate::context::{Context, Scoped};
use crate::ids::{ActionId, EventId};
use crate::store::{Tx, declare};
use std::collections::HashSet;

declare! {
    DERIVED = "SELECT action_id, source_event_ids FROM actions WHERE agent_id = $1 \
               AND state <> 'running' AND source_event_ids <> '[]'";
    UNQUEUE = "DELETE FROM queue WHERE queue = 'tools' AND agent_id = $1 AND key = $2";
    BLANK = "UPDATE actions SET arguments = '{}', reason = '', result = NULL \
             WHERE agent_id = $1 AND action_id = $2";
    REMINDER = "DELETE FROM reminders WHERE agent_id = $1 AND action_id = $2";
    MESSAGE = "DELETE FROM messages WHERE agent_id = $1 AND action_id = $2";
}

/// Cancels actions that were derived from these events and have not begun, and erases what any of
/// them says, ended or not, with the reminder or the message that came of it. One that runs at this
/// moment ends first and keeps its row.
pub(crate) async fn of_events(tx: &mut Tx, agent: Scoped, events: &[EventId]) -> Result<()> {
    let events: HashSet<EventId> = events.iter().copied().collect();
    let mut derived: Vec<ActionId> = Vec::new();
    for mut row in tx.rows(&DERIVED, vec![agent.agent_id().into()]).await? {
        let sources: Vec<EventId> = row.json(1)?;
        if sources.iter().any(|source| events.contains(source)) {
            derived.push(row.take(0)?);
        }
    }
    let worker = Context::worker(agent.agent_id(), "forget");
    for id in derived {
        let mut action = load(tx, agent, id).await?;
        if super::lifecycle::next(action.state, Event::Cancel).is_ok() {
            let outcome = Outcome::problem("forgotten", "what this was derived from was forgotten");
            transition(tx, agent, &worker.principal, &mut action, Event::Cancel, outcome).await?;
        }
        let own = vec![agent.agent_id().into(), id.into()];
        for statement in [&UNQUEUE, &BLANK, &REMINDER, &MESSAGE] {
            tx.run(statement, own.clone());
        }
    }
    Ok(())
}
