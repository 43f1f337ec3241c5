use crate::errors::Result;
use crate::routes::answer::Done;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::ConsentId;

pub(in crate::routes) async fn revoke(call: Call, Id(consent_id): Id<ConsentId>) -> Result<Done> {
    call.hub().consent().revoke(&call.context, consent_id).await?;
    Ok(Done)
}
