use crate::errors::Result;
use crate::routes::answer::Created;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::ids::AgentId;
use hub_core::protocol::people::{CreatePerson, Person};
use hub_core::wire;

pub(in crate::routes) async fn create(
    call: Call,
    Id(agent_id): Id<AgentId>,
    Json(body): Json<CreatePerson>,
) -> Result<Created<Person>> {
    Ok(Created(wire::person(call.hub().people().create(&call.context, agent_id, body.name).await?)))
}
