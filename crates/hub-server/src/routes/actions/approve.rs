use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::Error;
use hub_core::audit::Digest;
use hub_core::ids::ActionId;
use hub_core::protocol::actions::{Action, ApproveAction};
use hub_core::wire;

pub(in crate::routes) async fn approve(
    call: Call,
    Id(action_id): Id<ActionId>,
    Json(body): Json<ApproveAction>,
) -> Result<Shown<Action>> {
    let shown: Digest = body.binding_digest.parse().map_err(|error: Error| error.field("binding_digest"))?;
    let action = call.hub().actions().approve(&call.context, action_id, shown).await?;
    Ok(Shown(wire::action(call.agent()?, action)))
}
