use crate::errors::Result;
use crate::openapi::OperationDraft;
use crate::routes::answer::Listed;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Input, Received};
use hub_core::hub::actions::ActionFilter;
use hub_core::ids::AgentId;
use hub_core::page::PageRequest;
use hub_core::protocol::actions::Action;
use hub_core::vocabulary::ActionState;
use hub_core::wire;

pub(in crate::routes) async fn list(
    call: Call,
    Id(agent_id): Id<AgentId>,
    filter: ActionFilter,
    page: PageRequest,
) -> Result<Listed<Action>> {
    let page = call.hub().actions().list(&call.context, agent_id, filter, page).await?;
    Ok(Listed(wire::page(page, |action| wire::action(agent_id, action))))
}

impl Input for ActionFilter {
    fn read(received: &mut Received) -> Result<Self> {
        Ok(Self { state: received.take("state", "a state of an action")? })
    }

    fn describe(draft: &mut OperationDraft) {
        draft.query::<ActionState>("state", "Only in this state.");
    }
}
