use crate::errors::Result;
use crate::routes::answer::Listed;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::SpaceId;
use hub_core::page::PageRequest;
use hub_core::protocol::events::Event;
use hub_core::wire;

pub(in crate::routes) async fn list(
    call: Call,
    Id(space_id): Id<SpaceId>,
    page: PageRequest,
) -> Result<Listed<Event>> {
    let page = call.hub().events().list(&call.context, space_id, page).await?;
    let agent = call.agent()?;
    Ok(Listed(wire::page(page, |event| wire::event(agent, event))))
}
