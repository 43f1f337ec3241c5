use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json, TypeName};
use hub_core::ids::AgentId;
use hub_core::protocol::events::{EventType, PutEventType};
use hub_core::wire;

pub(in crate::routes) async fn put(
    call: Call,
    Id(agent_id): Id<AgentId>,
    TypeName(name): TypeName,
    Json(body): Json<PutEventType>,
) -> Result<Shown<EventType>> {
    let custom = call.hub().events().put_type(&call.context, agent_id, name, body.schema).await?;
    Ok(Shown(wire::event_type(custom)))
}
