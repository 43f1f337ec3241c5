//! Events read back.

use super::Event;
use crate::context::Scoped;
use crate::ids::{EventId, SpaceId};
use crate::store::{Tx, declare};
use crate::{Error, Result};

declare! {
    OF_SPACE = "SELECT event_id, seq, space_id, type, occurred_at, received_at, person_id, device_id, payload \
                FROM events WHERE agent_id = $1 AND space_id = $2 AND seq > $3 AND forgotten_at IS NULL \
                ORDER BY seq LIMIT $4";
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
    for mut row in
        tx.rows(&OF_SPACE, vec![agent.agent_id().into(), space.into(), after.into(), limit.into()]).await?
    {
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

pub(crate) async fn space_of(tx: &mut Tx, agent: Scoped, event: EventId) -> Result<SpaceId> {
    match tx.row(&SPACE_OF, vec![agent.agent_id().into(), event.into()]).await? {
        Some(mut row) => row.take(0),
        None => Err(Error::not_found("unknown_event", "no such event")),
    }
}
