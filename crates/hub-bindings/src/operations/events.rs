//! What happened.

use crate::request::{Call, shown};
use hub_core::ids::{AgentId, EventId, SpaceId};
use hub_core::protocol::events::{EventsRequest, PutEventType};
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

pub(super) async fn put_type(hub: Hub, mut call: Call) -> Result<String> {
    let (agent, name): (AgentId, _) = (call.id("agent_id")?, type_name(&mut call)?);
    let body: PutEventType = call.body()?;
    call.end()?;
    shown(&wire::event_type(hub.events().put_type(&call.context, agent, name, body.schema).await?))
}

pub(super) async fn get_type(hub: Hub, mut call: Call) -> Result<String> {
    let (agent, name): (AgentId, _) = (call.id("agent_id")?, type_name(&mut call)?);
    call.end()?;
    shown(&wire::event_type(hub.events().get_type(&call.context, agent, &name).await?))
}

pub(super) async fn list_types(hub: Hub, mut call: Call) -> Result<String> {
    let (agent, page): (AgentId, _) = (call.id("agent_id")?, call.page());
    call.end()?;
    shown(&wire::page(hub.events().list_types(&call.context, agent, page).await?, wire::event_type))
}

fn type_name(call: &mut Call) -> Result<String> {
    let name = call.may("type", "invalid_field", "a text")?;
    name.ok_or_else(|| Error::invalid("invalid_field", "missing type").field("type"))
}

/// The agent of a caller who belongs to one.
pub(super) fn own(context: &Context) -> Result<AgentId> {
    let agent = context.principal.agent_id();
    agent.ok_or_else(|| Error::denied("not_allowed", "an admin does not read content"))
}
