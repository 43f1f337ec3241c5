use crate::errors::Result;
use crate::routes::answer::Done;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::MemoryId;

pub(in crate::routes) async fn forget(call: Call, Id(memory_id): Id<MemoryId>) -> Result<Done> {
    call.hub().memory().forget(&call.context, memory_id).await?;
    Ok(Done)
}
