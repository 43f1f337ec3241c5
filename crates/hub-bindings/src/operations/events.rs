//! What happened.

use crate::request::{Call, shown};
use hub_core::ids::{EventId, SpaceId};
use hub_core::protocol::events::EventsRequest;
use hub_core::{Context, Error, Hub, Result, wire};
use serde_json::json;

pub(super) async fn append(hub: Hub, mut call: Call) -> Result<String> {
    let request = EventsRequest::decode(call.text().as_bytes()).map_err(wire::undecodable)?;
    call.end()?;
    let outcomes = hub.events().append(&call.context, wire::batch(request)?).await?;
    shown(&wire::outcomes(outcomes))
}

pub(super) async fn list(hub: Hub, mut call: Call) -> Result<String> {
    let (space, page): (SpaceId, _) = (call.id("space_id")?, call.page());
    call.end()?;
    let page = hub.events().list(&call.context, space, page).await?;
    let agent = own(&call.context)?;
    shown(&wire::page(page, |event| wire::event(agent, event)))
}

pub(super) async fn follow(hub: Hub, mut call: Call) -> Result<String> {
    let (space, page): (SpaceId, _) = (call.id("space_id")?, call.page());
    call.end()?;
    let page = hub.events().follow(&call.context, space, page).await?;
    let agent = own(&call.context)?;
    shown(&wire::page(page, |event| wire::event(agent, event)))
}

pub(super) async fn end(hub: Hub, mut call: Call) -> Result<String> {
    let space: SpaceId = call.id("space_id")?;
    call.end()?;
    shown(&json!({ "cursor": hub.events().end(&call.context, space).await? }))
}

pub(super) async fn forget(hub: Hub, mut call: Call) -> Result<String> {
    let event: EventId = call.id("event_id")?;
    call.end()?;
    hub.events().forget(&call.context, event).await?;
    shown(&())
}

/// The agent of a caller who belongs to one.
pub(super) fn own(context: &Context) -> Result<hub_core::ids::AgentId> {
    let agent = context.principal.agent_id();
    agent.ok_or_else(|| Error::denied("not_allowed", "an admin does not read content"))
}
