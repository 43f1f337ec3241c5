use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::AgentId;
use hub_core::protocol::audit::AuditCheckpoint;
use hub_core::wire;

pub(in crate::routes) async fn checkpoint(
    call: Call,
    Id(agent_id): Id<AgentId>,
) -> Result<Shown<AuditCheckpoint>> {
    let checkpoint = call.hub().audit().checkpoint(&call.context, agent_id).await?;
    Ok(Shown(wire::checkpoint(agent_id, checkpoint)?))
}
