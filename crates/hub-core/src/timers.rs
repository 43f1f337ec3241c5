//! What falls due by time alone: reminders, actions that nobody decided about, and grants of
//! consent that have ended. Not queues: nothing waits for them.

pub(crate) mod consents;
pub(crate) mod expiry;
pub(crate) mod reminders;

use crate::Result;
use crate::clock::Timestamp;
use crate::hub::Inner;
use crate::store::{Reach, boxed};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often the heads of the logs are noted beside the database.
const NOTE_EVERY: Duration = Duration::from_secs(5);

async fn note_heads(hub: &Arc<Inner>) -> Result<()> {
    let (now, last) = (hub.now(), Timestamp(hub.noted_at.load(Ordering::Relaxed)));
    if now.since(last) >= NOTE_EVERY {
        hub.noted_at.store(now.0, Ordering::Relaxed);
        hub.note_heads().await?;
    }
    Ok(())
}

/// Does what is due. Answers whether anything was.
pub(crate) async fn step(hub: &Arc<Inner>) -> Result<bool> {
    let due =
        hub.store
            .read(Reach::nobody(), |tx| {
                boxed(async move {
                    Ok((expiry::due(tx).await?, reminders::due(tx).await?, consents::due(tx).await?))
                })
            })
            .await?;
    let (expired, reminders, consents) = due;
    let mut any = !expired.is_empty() || !consents.is_empty();
    for (agent, id) in expired {
        hub.store.write(agent, move |tx| boxed(expiry::expire(tx, agent, id))).await?;
    }
    for (agent, id) in reminders {
        any |= reminders::fire(hub, agent, id).await?;
    }
    for (agent, id) in consents {
        hub.store.write(agent, move |tx| boxed(consents::erase_of_grant(tx, agent, id))).await?;
    }
    note_heads(hub).await?;
    crate::artifacts::sweep::when_due(hub).await?;
    Ok(any)
}
