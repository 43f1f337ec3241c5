use crate::errors::Result;
use crate::routes::answer::Listed;
use crate::routes::endpoint::Call;
use hub_core::page::PageRequest;
use hub_core::protocol::agents::Agent;
use hub_core::wire;

pub(in crate::routes) async fn list(call: Call, page: PageRequest) -> Result<Listed<Agent>> {
    Ok(Listed(wire::page(call.hub().agents().list(&call.context, page).await?, wire::agent)))
}
