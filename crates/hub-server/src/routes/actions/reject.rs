use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, MaybeJson};
use hub_core::ids::ActionId;
use hub_core::protocol::actions::{Action, RejectAction};
use hub_core::wire;

pub(in crate::routes) async fn reject(
    call: Call,
    Id(action_id): Id<ActionId>,
    MaybeJson(body): MaybeJson<RejectAction>,
) -> Result<Shown<Action>> {
    let action = call.hub().actions().reject(&call.context, action_id, body.reason).await?;
    Ok(Shown(wire::action(call.agent()?, action)))
}
