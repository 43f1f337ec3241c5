use crate::errors::Result;
use crate::routes::answer::Listed;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::AgentId;
use hub_core::page::PageRequest;
use hub_core::protocol::dead_letters::DeadLetter;
use hub_core::wire;

pub(in crate::routes) async fn list(
    call: Call,
    Id(agent_id): Id<AgentId>,
    page: PageRequest,
) -> Result<Listed<DeadLetter>> {
    let page = call.hub().planner().dead_letters(&call.context, agent_id, page).await?;
    Ok(Listed(wire::page(page, |letter| wire::dead_letter(agent_id, letter))))
}
