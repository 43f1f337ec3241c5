use crate::errors::Result;
use crate::routes::answer::Listed;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::SpaceId;
use hub_core::protocol::presence::Presence;
use hub_core::wire;

pub(in crate::routes) async fn list(call: Call, Id(space_id): Id<SpaceId>) -> Result<Listed<Presence>> {
    let live = call.hub().presence().list(&call.context, space_id).await?;
    Ok(Listed(wire::whole(live.into_iter().map(wire::presence).collect())))
}
