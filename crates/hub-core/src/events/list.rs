//! Events read back.

use super::Event;
use crate::context::Scoped;
use crate::ids::{EventId, SpaceId};
use crate::store::{Tx, declare};
use crate::{Error, Result};

declare! {
    // What rests on a grant that has ended is not shown, erased already or not.
    OF_SPACE = "SELECT e.event_id, e.seq, e.space_id, e.type, e.occurred_at, e.received_at, e.person_id, e.device_id, \
                e.payload FROM events e \
                LEFT JOIN consents c ON c.agent_id = e.agent_id AND c.consent_id = e.consent_id \
                WHERE e.agent_id = $1 AND e.space_id = $2 AND e.seq > $3 AND e.forgotten_at IS NULL \
                AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > $5) ORDER BY e.seq LIMIT $4";
    END = "SELECT coalesce(max(seq), 0) FROM events WHERE agent_id = $1 AND space_id = $2";
    SPACE_OF = "SELECT space_id FROM events WHERE agent_id = $1 AND event_id = $2 AND forgotten_at IS NULL";
}

pub(crate) async fn of_space(
    tx: &mut Tx,
    agent: Scoped,
    space: SpaceId,
    after: i64,
    limit: i64,
) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let now = tx.now();
    let parameters = vec![agent.agent_id().into(), space.into(), after.into(), limit.into(), now.into()];
    for mut row in tx.rows(&OF_SPACE, parameters).await? {
        events.push(Event {
            event_id: row.take(0)?,
            seq: row.take(1)?,
            space_id: row.take(2)?,
            event_type: row.take(3)?,
            occurred_at: row.take(4)?,
            received_at: row.take(5)?,
            person_id: row.take(6)?,
            device_id: row.take(7)?,
            payload: row.json(8)?,
        });
    }
    Ok(events)
}

/// The number of the newest event, or 0.
pub(crate) async fn end(tx: &mut Tx, agent: Scoped, space: SpaceId) -> Result<i64> {
    let row = tx.row(&END, vec![agent.agent_id().into(), space.into()]).await?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

pub(crate) async fn space_of(tx: &mut Tx, agent: Scoped, event: EventId) -> Result<SpaceId> {
    match tx.row(&SPACE_OF, vec![agent.agent_id().into(), event.into()]).await? {
        Some(mut row) => row.take(0),
        None => Err(Error::not_found("unknown_event", "no such event")),
    }
}
