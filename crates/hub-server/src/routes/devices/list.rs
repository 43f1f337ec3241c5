use crate::errors::Result;
use crate::routes::answer::Listed;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::AgentId;
use hub_core::page::PageRequest;
use hub_core::protocol::devices::Device;
use hub_core::wire;

pub(in crate::routes) async fn list(
    call: Call,
    Id(agent_id): Id<AgentId>,
    page: PageRequest,
) -> Result<Listed<Device>> {
    Ok(Listed(wire::page(call.hub().devices().list(&call.context, agent_id, page).await?, wire::device)))
}
