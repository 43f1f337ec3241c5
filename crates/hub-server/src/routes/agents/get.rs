use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::AgentId;
use hub_core::protocol::agents::Agent;
use hub_core::wire;

pub(in crate::routes) async fn get(call: Call, Id(agent_id): Id<AgentId>) -> Result<Shown<Agent>> {
    Ok(Shown(wire::agent(call.hub().agents().get(&call.context, agent_id).await?)))
}
