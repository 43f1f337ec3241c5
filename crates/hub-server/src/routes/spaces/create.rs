use crate::errors::Result;
use crate::routes::answer::Created;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::hub::spaces::SpacePatch;
use hub_core::ids::AgentId;
use hub_core::protocol::spaces::{CreateSpace, Space};
use hub_core::wire;

pub(in crate::routes) async fn create(
    call: Call,
    Id(agent_id): Id<AgentId>,
    Json(body): Json<CreateSpace>,
) -> Result<Created<Space>> {
    let spaces = call.hub().spaces();
    let mut space = spaces.create(&call.context, agent_id, body.name).await?;
    if body.privacy_mode {
        // Nobody knows the space's id yet, so nothing can be said there before this.
        let patch = SpacePatch { name: None, privacy_mode: Some(true) };
        space = spaces.update(&call.context, space.space_id, patch).await?;
    }
    Ok(Created(wire::space(space)))
}
