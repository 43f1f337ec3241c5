use crate::errors::Result;
use crate::routes::answer::Done;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::AgentId;

pub(in crate::routes) async fn delete(call: Call, Id(agent_id): Id<AgentId>) -> Result<Done> {
    call.hub().agents().delete(&call.context, agent_id).await?;
    Ok(Done)
}
