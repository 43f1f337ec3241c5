use crate::errors::Result;
use crate::routes::answer::Created;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::hub::actions::NewAction;
use hub_core::ids::AgentId;
use hub_core::protocol::actions::{Action, ProposeAction};
use hub_core::wire;
use serde_json::Value;

pub(in crate::routes) async fn propose(
    call: Call,
    Id(agent_id): Id<AgentId>,
    Json(body): Json<ProposeAction>,
) -> Result<Created<Action>> {
    let new = NewAction {
        action_id: body.action_id.map(Into::into),
        space_id: body.space_id.into(),
        tool: body.tool,
        arguments: Value::Object(body.arguments),
        reason: body.reason,
    };
    Ok(Created(wire::action(agent_id, call.hub().actions().propose(&call.context, agent_id, new).await?)))
}
