//! Reminders that have come due become `reminder_due` events, once each.

use crate::context::{Context, scoped_by_hub};
use crate::events::{Batch, NewEvent, ingest};
use crate::hub::Inner;
use crate::ids::{ActionId, AgentId};
use crate::store::{Tx, boxed, declare};
use crate::{Error, Result};
use hub_protocol::vocabulary::EventStatus;
use std::sync::Arc;

/// Reminders that one step fires.
const AT_ONCE: i64 = 100;

declare! {
    DUE = "SELECT agent_id, action_id, space_id, person_id, text, event_id FROM reminders \
           WHERE fired_at IS NULL AND fire_at <= $1 ORDER BY fire_at LIMIT $2";
    FIRED = "UPDATE reminders SET fired_at = $3 WHERE agent_id = $1 AND action_id = $2 AND fired_at IS NULL";
}

/// A reminder that has come due.
#[derive(Debug)]
pub(super) struct Reminder {
    agent_id: AgentId,
    action_id: ActionId,
    event: NewEvent,
}

pub(super) async fn due(tx: &mut Tx) -> Result<Vec<Reminder>> {
    let now = tx.now();
    let mut due = Vec::new();
    for mut row in tx.rows(&DUE, vec![now.into(), AT_ONCE.into()]).await? {
        let (agent_id, action_id): (AgentId, ActionId) = (row.take(0)?, row.take(1)?);
        let mut payload = serde_json::Map::new();
        payload.insert("text".to_owned(), row.take::<String>(4)?.into());
        payload.insert("action_id".to_owned(), action_id.to_string().into());
        let event = NewEvent {
            event_id: row.take(5)?,
            space_id: row.take(2)?,
            event_type: "reminder_due".to_owned(),
            // Not the time that was set: an instant at which the space was private stays private,
            // and a reminder of then is given when the space is open again.
            occurred_at: now,
            person_id: row.take(3)?,
            payload,
        };
        due.push(Reminder { agent_id, action_id, event });
    }
    Ok(due)
}

/// Stores the event first and marks the reminder after: a crash between the two stores the event
/// again under its id, which is there already. In a private space the reminder waits. Answers
/// whether it was given.
pub(super) async fn fire(hub: &Arc<Inner>, reminder: Reminder) -> Result<bool> {
    let context = Context::worker(reminder.agent_id, "timers");
    let submission = ingest::prepare(&context, Batch::from(reminder.event), hub.now(), hub.settings.pace())?;
    let outcome = hub.store.ingest(submission).await?.into_iter().next();
    match outcome.map(|outcome| (outcome.status, outcome.problem)) {
        Some((EventStatus::Stored | EventStatus::Duplicate, _)) => {}
        Some((EventStatus::Private, _)) => return Ok(false),
        Some((EventStatus::Refused, problem)) => {
            let code = problem.as_ref().map_or("refused", Error::code);
            if code != "event_id_reused" {
                tracing::warn!(action = %reminder.action_id, code, "a reminder could not be given");
            }
        }
        None => return Ok(false),
    }
    let (agent, action_id) = (scoped_by_hub(reminder.agent_id), reminder.action_id);
    hub.store
        .write(move |tx| {
            boxed(async move {
                let now = tx.now();
                tx.run(&FIRED, vec![agent.agent_id().into(), action_id.into(), now.into()]);
                Ok(())
            })
        })
        .await?;
    Ok(true)
}
