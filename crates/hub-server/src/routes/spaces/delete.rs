use crate::errors::Result;
use crate::routes::answer::Done;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::SpaceId;

pub(in crate::routes) async fn delete(call: Call, Id(space_id): Id<SpaceId>) -> Result<Done> {
    call.hub().spaces().delete(&call.context, space_id).await?;
    Ok(Done)
}
