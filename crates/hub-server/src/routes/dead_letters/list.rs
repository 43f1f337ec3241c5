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
    Ok(Listed(wire::page(page, |letter| DeadLetter {
        dead_letter_id: letter.dead_letter_id.0,
        agent_id: agent_id.0,
        queue: letter.queue,
        attempts: u32::try_from(letter.attempts).unwrap_or(u32::MAX),
        reason: letter.reason,
        created_at: letter.enqueued_at.to_string(),
        about: letter.key,
    })))
}
