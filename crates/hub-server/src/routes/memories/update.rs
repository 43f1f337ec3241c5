use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::ids::MemoryId;
use hub_core::protocol::memories::{Memory, PatchMemory};
use hub_core::wire;

pub(in crate::routes) async fn update(
    call: Call,
    Id(memory_id): Id<MemoryId>,
    Json(body): Json<PatchMemory>,
) -> Result<Shown<Memory>> {
    let memory = call.hub().memory().edit(&call.context, memory_id, body.content).await?;
    Ok(Shown(wire::memory(call.agent()?, memory)))
}
