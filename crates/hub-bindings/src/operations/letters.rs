//! Work that was given up.

use crate::request::{Call, shown};
use hub_core::ids::{AgentId, DeadLetterId};
use hub_core::protocol::dead_letters::DeadLetterReplayed;
use hub_core::{Hub, Result, wire};

pub(super) async fn list(hub: Hub, mut call: Call) -> Result<String> {
    let (agent, page): (AgentId, _) = (call.id("agent_id")?, call.page());
    call.end()?;
    let page = hub.planner().dead_letters(&call.context, agent, page).await?;
    shown(&wire::page(page, |letter| wire::dead_letter(agent, letter)))
}

pub(super) async fn replay(hub: Hub, mut call: Call) -> Result<String> {
    let id: DeadLetterId = call.id("dead_letter_id")?;
    call.end()?;
    let replayed = hub.planner().replay(&call.context, id).await?;
    shown(&DeadLetterReplayed { dead_letter_id: replayed.dead_letter_id.0, queue: replayed.queue })
}
