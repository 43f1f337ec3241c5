use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::hub::agents::AgentPatch;
use hub_core::ids::AgentId;
use hub_core::protocol::agents::{Agent, PatchAgent};
use hub_core::wire;

pub(in crate::routes) async fn update(
    call: Call,
    Id(agent_id): Id<AgentId>,
    Json(body): Json<PatchAgent>,
) -> Result<Shown<Agent>> {
    let patch = AgentPatch { name: body.name, language: body.language, planner: body.planner };
    Ok(Shown(wire::agent(call.hub().agents().update(&call.context, agent_id, patch).await?)))
}
