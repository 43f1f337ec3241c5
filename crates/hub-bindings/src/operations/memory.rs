//! What is remembered.

use super::events::own;
use crate::request::{Call, shown};
use hub_core::hub::memory::{MemoryFilter, NewNote};
use hub_core::ids::{AgentId, MemoryId};
use hub_core::protocol::memories::{CreateMemory, PatchMemory};
use hub_core::protocol::recall::RecallRequest;
use hub_core::{Hub, Result, wire};

pub(super) async fn recall(hub: Hub, mut call: Call) -> Result<String> {
    let request: RecallRequest = call.body()?;
    call.end()?;
    let found = hub.memory().recall(&call.context, wire::recall_request(request)?).await?;
    shown(&wire::recall(found))
}

pub(super) async fn list(hub: Hub, mut call: Call) -> Result<String> {
    let (agent, page): (AgentId, _) = (call.id("agent_id")?, call.page());
    let tier = call.may("tier", "invalid_field", "episodic or semantic")?;
    let filter = MemoryFilter { tier, space_id: call.may_id("space_id")? };
    call.end()?;
    let page = hub.memory().list(&call.context, agent, filter, page).await?;
    shown(&wire::page(page, |memory| wire::memory(agent, memory)))
}

pub(super) async fn get(hub: Hub, mut call: Call) -> Result<String> {
    let id: MemoryId = call.id("memory_id")?;
    call.end()?;
    let memory = hub.memory().get(&call.context, id).await?;
    shown(&wire::memory(own(&call.context)?, memory))
}

pub(super) async fn note(hub: Hub, mut call: Call) -> Result<String> {
    let agent: AgentId = call.id("agent_id")?;
    let body: CreateMemory = call.body()?;
    call.end()?;
    let note = NewNote {
        space_id: body.space_id.into(),
        content: body.content,
        person_id: body.person_id.map(Into::into),
    };
    shown(&wire::memory(agent, hub.memory().note(&call.context, agent, note).await?))
}

pub(super) async fn edit(hub: Hub, mut call: Call) -> Result<String> {
    let id: MemoryId = call.id("memory_id")?;
    let body: PatchMemory = call.body()?;
    call.end()?;
    let memory = hub.memory().edit(&call.context, id, body.content).await?;
    shown(&wire::memory(own(&call.context)?, memory))
}

pub(super) async fn forget(hub: Hub, mut call: Call) -> Result<String> {
    let id: MemoryId = call.id("memory_id")?;
    call.end()?;
    hub.memory().forget(&call.context, id).await?;
    shown(&())
}
