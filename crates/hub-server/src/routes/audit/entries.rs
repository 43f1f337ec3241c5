use crate::errors::Result;
use crate::routes::answer::Listed;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::AgentId;
use hub_core::page::PageRequest;
use hub_core::protocol::audit::AuditEntry;
use hub_core::wire;

pub(in crate::routes) async fn entries(
    call: Call,
    Id(agent_id): Id<AgentId>,
    page: PageRequest,
) -> Result<Listed<AuditEntry>> {
    let page = call.hub().audit().entries(&call.context, agent_id, page).await?;
    Ok(Listed(wire::try_page(page, wire::log_entry)?))
}
