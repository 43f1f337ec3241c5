use crate::errors::Result;
use crate::openapi::OperationDraft;
use crate::routes::answer::Listed;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Input, Received};
use hub_core::hub::memory::MemoryFilter;
use hub_core::ids::AgentId;
use hub_core::page::PageRequest;
use hub_core::protocol::memories::Memory;
use hub_core::vocabulary::Tier;
use hub_core::wire;
use uuid::Uuid;

pub(in crate::routes) async fn list(
    call: Call,
    Id(agent_id): Id<AgentId>,
    filter: MemoryFilter,
    page: PageRequest,
) -> Result<Listed<Memory>> {
    let page = call.hub().memory().list(&call.context, agent_id, filter, page).await?;
    Ok(Listed(wire::page(page, |memory| wire::memory(agent_id, memory))))
}

impl Input for MemoryFilter {
    fn read(received: &mut Received) -> Result<Self> {
        let space_id = received.take::<Uuid>("space_id", "a UUID")?;
        Ok(Self { tier: received.take("tier", "episodic or semantic")?, space_id: space_id.map(Into::into) })
    }

    fn describe(draft: &mut OperationDraft) {
        draft.query::<Tier>("tier", "Only of this tier.");
        draft.query_text("space_id", "Only of this space.");
    }
}
