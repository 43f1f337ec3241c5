use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::hub::spaces::SpacePatch;
use hub_core::ids::SpaceId;
use hub_core::protocol::spaces::{PatchSpace, Space};
use hub_core::wire;

pub(in crate::routes) async fn update(
    call: Call,
    Id(space_id): Id<SpaceId>,
    Json(body): Json<PatchSpace>,
) -> Result<Shown<Space>> {
    let patch = SpacePatch { name: body.name, privacy_mode: body.privacy_mode };
    Ok(Shown(wire::space(call.hub().spaces().update(&call.context, space_id, patch).await?)))
}
