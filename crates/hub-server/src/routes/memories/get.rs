use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::MemoryId;
use hub_core::protocol::memories::Memory;
use hub_core::wire;

pub(in crate::routes) async fn get(call: Call, Id(memory_id): Id<MemoryId>) -> Result<Shown<Memory>> {
    let memory = call.hub().memory().get(&call.context, memory_id).await?;
    Ok(Shown(wire::memory(call.agent()?, memory)))
}
