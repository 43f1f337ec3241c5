use crate::errors::Result;
use crate::routes::answer::Created;
use crate::routes::endpoint::Call;
use crate::routes::input::Json;
use hub_core::hub::agents::NewAgent;
use hub_core::protocol::agents::{Agent, CreateAgent};
use hub_core::wire;

pub(in crate::routes) async fn create(call: Call, Json(body): Json<CreateAgent>) -> Result<Created<Agent>> {
    let new = NewAgent { name: body.name, language: body.language, planner: body.planner };
    Ok(Created(wire::agent(call.hub().agents().create(&call.context, new).await?)))
}
