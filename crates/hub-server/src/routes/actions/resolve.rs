use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::ids::ActionId;
use hub_core::protocol::actions::{Action, ResolveAction, ResolvedOutcome};
use hub_core::wire;

pub(in crate::routes) async fn resolve(
    call: Call,
    Id(action_id): Id<ActionId>,
    Json(body): Json<ResolveAction>,
) -> Result<Shown<Action>> {
    let happened = body.outcome == ResolvedOutcome::Done;
    let action = call.hub().actions().resolve(&call.context, action_id, happened).await?;
    Ok(Shown(wire::action(call.agent()?, action)))
}
