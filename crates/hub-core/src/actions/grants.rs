//! Whether the one who asked for an action still holds the scopes that it runs under.

use super::record::Action;
use crate::context::Scoped;
use crate::store::{Tx, declare};
use crate::{Error, Result};
use hub_protocol::vocabulary::Scope;
use uuid::Uuid;

declare! {
    DEVICE = "SELECT scopes FROM devices WHERE agent_id = $1 AND device_id = $2 AND revoked_at IS NULL";
    DELEGATE = "SELECT scopes FROM tokens WHERE agent_id = $1 AND token_id = $2 AND kind = 'delegate' \
                AND revoked_at IS NULL AND expires_at > $3";
    PERSON = "SELECT 1 FROM people WHERE agent_id = $1 AND person_id = $2 AND deleted_at IS NULL";
}

/// The outer result is the store's; the inner one is the answer.
pub(crate) async fn requester_may(tx: &mut Tx, agent: Scoped, action: &Action) -> Result<Result<(), Error>> {
    let Some((kind, id)) = action.proposed_by.split_once(':') else { return Ok(Err(gone())) };
    if kind == "worker" {
        // Planners hold no scopes of their own: what they propose, a person has allowed.
        return Ok(Ok(()));
    }
    let Ok(id) = Uuid::try_parse(id) else { return Ok(Err(gone())) };
    let (own, now) = (agent.agent_id(), tx.now());
    let row = match kind {
        "device" => tx.row(&DEVICE, vec![own.into(), id.into()]).await?,
        "delegate" => tx.row(&DELEGATE, vec![own.into(), id.into(), now.into()]).await?,
        "operator" => {
            let known = tx.row(&PERSON, vec![own.into(), id.into()]).await?.is_some();
            return Ok(if known { Ok(()) } else { Err(gone()) });
        }
        _ => None,
    };
    let Some(mut row) = row else { return Ok(Err(gone())) };
    let held: Vec<Scope> = row.json(0)?;
    let missing: Vec<&str> =
        action.scopes.iter().filter(|scope| !held.contains(scope)).map(|scope| scope.as_str()).collect();
    if missing.is_empty() {
        return Ok(Ok(()));
    }
    let message = format!("who proposed it does not hold {}", missing.join(" "));
    Ok(Err(Error::denied("scopes_exceeded", message)))
}

fn gone() -> Error {
    Error::denied("requester_gone", "who proposed it may act no more")
}
