use crate::errors::Result;
use crate::routes::answer::Listed;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::AgentId;
use hub_core::page::PageRequest;
use hub_core::protocol::events::EventType;
use hub_core::wire;

pub(in crate::routes) async fn list(
    call: Call,
    Id(agent_id): Id<AgentId>,
    page: PageRequest,
) -> Result<Listed<EventType>> {
    let page = call.hub().events().list_types(&call.context, agent_id, page).await?;
    Ok(Listed(wire::page(page, wire::event_type)))
}
