//! Who is where.

use crate::request::{Call, shown};
use hub_core::hub::presence::NewPresence;
use hub_core::ids::SpaceId;
use hub_core::protocol::presence::ReportPresence;
use hub_core::{Hub, Result, wire};

pub(super) async fn list(hub: Hub, mut call: Call) -> Result<String> {
    let space: SpaceId = call.id("space_id")?;
    call.end()?;
    let live = hub.presence().list(&call.context, space).await?;
    shown(&wire::whole(live.into_iter().map(wire::presence).collect()))
}

pub(super) async fn report(hub: Hub, mut call: Call) -> Result<String> {
    let space: SpaceId = call.id("space_id")?;
    let body: ReportPresence = call.body()?;
    call.end()?;
    let new = NewPresence { person_id: body.person_id.map(Into::into), state: body.state };
    shown(&wire::presence(hub.presence().report(&call.context, space, new).await?))
}
