use crate::errors::Result;
use crate::routes::answer::Created;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::hub::memory::NewNote;
use hub_core::ids::AgentId;
use hub_core::protocol::memories::{CreateMemory, Memory};
use hub_core::wire;

pub(in crate::routes) async fn create(
    call: Call,
    Id(agent_id): Id<AgentId>,
    Json(body): Json<CreateMemory>,
) -> Result<Created<Memory>> {
    let note = NewNote {
        space_id: body.space_id.into(),
        content: body.content,
        person_id: body.person_id.map(Into::into),
    };
    Ok(Created(wire::memory(agent_id, call.hub().memory().note(&call.context, agent_id, note).await?)))
}
