use crate::errors::Result;
use crate::routes::answer::Listed;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::AgentId;
use hub_core::page::PageRequest;
use hub_core::protocol::tokens::Token;
use hub_core::wire;

pub(in crate::routes) async fn list(
    call: Call,
    Id(agent_id): Id<AgentId>,
    page: PageRequest,
) -> Result<Listed<Token>> {
    Ok(Listed(wire::page(call.hub().tokens().list(&call.context, agent_id, page).await?, wire::token)))
}
