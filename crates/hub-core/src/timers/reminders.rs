//! Reminders that have come due become `reminder_due` events, once each.

use crate::context::{Context, Scoped, scoped_by_hub};
use crate::events::{Batch, NewEvent, ingest};
use crate::hub::Inner;
use crate::ids::{ActionId, AgentId};
use crate::store::{Tx, across, boxed, declare};
use crate::{Error, Result};
use hub_protocol::vocabulary::EventStatus;
use std::sync::Arc;

/// Reminders that one step fires.
const AT_ONCE: i64 = 100;

declare! {
    ONE = "SELECT space_id, person_id, text, event_id FROM reminders \
           WHERE agent_id = $1 AND action_id = $2 AND fired_at IS NULL";
    FIRED = "UPDATE reminders SET fired_at = $3 WHERE agent_id = $1 AND action_id = $2 AND fired_at IS NULL";
}

pub(super) async fn due(tx: &mut Tx) -> Result<Vec<(Scoped, ActionId)>> {
    let now = tx.now();
    let rows = tx.across(across::REMINDERS_DUE, vec![now.into(), AT_ONCE.into()]).await?;
    rows.into_iter().map(|mut row| Ok((scoped_by_hub(AgentId(row.take(0)?)), row.take(1)?))).collect()
}

/// What a reminder that was not given yet says, as an event.
async fn event(tx: &mut Tx, agent: Scoped, action_id: ActionId) -> Result<Option<NewEvent>> {
    let row = tx.row(&ONE, vec![agent.agent_id().into(), action_id.into()]).await?;
    let Some(mut row) = row else { return Ok(None) };
    let mut payload = serde_json::Map::new();
    payload.insert("text".to_owned(), row.take::<String>(2)?.into());
    payload.insert("action_id".to_owned(), action_id.to_string().into());
    Ok(Some(NewEvent {
        event_id: row.take(3)?,
        space_id: row.take(0)?,
        event_type: "reminder_due".to_owned(),
        // Not the time that was set: an instant at which the space was private stays private,
        // and a reminder of then is given when the space is open again.
        occurred_at: tx.now(),
        person_id: row.take(1)?,
        payload,
    }))
}

/// Stores the event first and marks the reminder after: a crash between the two stores the event
/// again under its id, which is there already. In a private space the reminder waits. Answers
/// whether it was given.
pub(super) async fn fire(hub: &Arc<Inner>, agent: Scoped, action_id: ActionId) -> Result<bool> {
    let event = hub.store.read(agent, move |tx| boxed(event(tx, agent, action_id))).await?;
    let Some(event) = event else { return Ok(false) };
    let context = Context::worker(agent.agent_id(), "timers");
    let submission = ingest::prepare(&context, Batch::from(event), hub.now(), hub.settings.pace())?;
    let outcome = hub.store.ingest(submission).await?.into_iter().next();
    match outcome.map(|outcome| (outcome.status, outcome.problem)) {
        Some((EventStatus::Stored | EventStatus::Duplicate, _)) => {}
        Some((EventStatus::Private, _)) => return Ok(false),
        Some((EventStatus::Refused, problem)) => {
            let code = problem.as_ref().map_or("refused", Error::code);
            if code != "event_id_reused" {
                tracing::warn!(action = %action_id, code, "a reminder could not be given");
            }
        }
        None => return Ok(false),
    }
    hub.store
        .write(agent, move |tx| {
            boxed(async move {
                let now = tx.now();
                tx.run(&FIRED, vec![agent.agent_id().into(), action_id.into(), now.into()]);
                Ok(())
            })
        })
        .await?;
    Ok(true)
}
