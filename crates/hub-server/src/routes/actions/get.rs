use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::ActionId;
use hub_core::protocol::actions::Action;
use hub_core::wire;

pub(in crate::routes) async fn get(call: Call, Id(action_id): Id<ActionId>) -> Result<Shown<Action>> {
    let action = call.hub().actions().get(&call.context, action_id).await?;
    Ok(Shown(wire::action(call.agent()?, action)))
}
