//! `/v1/agents/{agent_id}/tools`.

use super::answer::Listed;
use super::endpoint::Call;
use super::input::Id;
use crate::errors::Result;
use hub_core::ids::AgentId;
use hub_core::protocol::tools::Tool;
use hub_core::wire;

pub(super) async fn list(call: Call, Id(agent_id): Id<AgentId>) -> Result<Listed<Tool>> {
    let tools = call.hub().tools().list(&call.context, agent_id).await?;
    let tools = tools.into_iter().map(wire::tool).collect::<hub_core::Result<_>>()?;
    Ok(Listed(wire::whole(tools)))
}
