use crate::errors::Result;
use crate::routes::answer::Listed;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::PersonId;
use hub_core::page::PageRequest;
use hub_core::protocol::consents::Consent;
use hub_core::wire;

pub(in crate::routes) async fn list(
    call: Call,
    Id(person_id): Id<PersonId>,
    page: PageRequest,
) -> Result<Listed<Consent>> {
    let agent_id = call.hub().people().get(&call.context, person_id).await?.agent_id;
    let page = call.hub().consent().list(&call.context, person_id, page).await?;
    Ok(Listed(wire::page(page, |grant| wire::consent(agent_id, grant))))
}
