use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::AgentId;
use hub_core::protocol::status::Status;
use hub_core::wire;

pub(in crate::routes) async fn status(call: Call, Id(agent_id): Id<AgentId>) -> Result<Shown<Status>> {
    Ok(Shown(wire::status(call.hub().agents().status(&call.context, agent_id).await?)?))
}
