use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::SpaceId;
use hub_core::protocol::spaces::Space;
use hub_core::wire;

pub(in crate::routes) async fn get(call: Call, Id(space_id): Id<SpaceId>) -> Result<Shown<Space>> {
    Ok(Shown(wire::space(call.hub().spaces().get(&call.context, space_id).await?)))
}
