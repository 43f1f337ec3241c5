//! What falls due by time alone: reminders, actions that nobody decided about, and grants of
//! consent that have ended. Not queues: nothing waits for them.

mod consents;
mod expiry;
mod reminders;

use crate::Result;
use crate::hub::Inner;
use crate::store::ListStatement;
use crate::store::boxed;
use std::sync::Arc;

pub(crate) use consents::erase_of_grant;

pub(crate) const STATEMENTS: &[&[(&str, crate::store::Statement)]] =
    &[expiry::ALL, reminders::ALL, consents::ALL];
pub(crate) const LISTS: &[(&str, ListStatement)] = &[];

/// Does what is due. Answers whether anything was.
pub(crate) async fn step(hub: &Arc<Inner>) -> Result<bool> {
    let due =
        hub.store
            .read(|tx| {
                boxed(async move {
                    Ok((expiry::due(tx).await?, reminders::due(tx).await?, consents::due(tx).await?))
                })
            })
            .await?;
    let (expired, reminders, consents) = due;
    let mut any = !expired.is_empty() || !consents.is_empty();
    for (agent, id) in expired {
        hub.store.write(move |tx| boxed(expiry::expire(tx, agent, id))).await?;
    }
    for reminder in reminders {
        any |= reminders::fire(hub, reminder).await?;
    }
    for (agent, id) in consents {
        hub.store.write(move |tx| boxed(consents::erase_of_grant(tx, agent, id))).await?;
    }
    Ok(any)
}
