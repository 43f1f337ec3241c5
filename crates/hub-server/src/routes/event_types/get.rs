use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, TypeName};
use hub_core::ids::AgentId;
use hub_core::protocol::events::EventType;
use hub_core::wire;

pub(in crate::routes) async fn get(
    call: Call,
    Id(agent_id): Id<AgentId>,
    TypeName(name): TypeName,
) -> Result<Shown<EventType>> {
    Ok(Shown(wire::event_type(call.hub().events().get_type(&call.context, agent_id, &name).await?)))
}
