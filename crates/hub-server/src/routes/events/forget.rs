use crate::errors::Result;
use crate::routes::answer::Done;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::EventId;

pub(in crate::routes) async fn forget(call: Call, Id(event_id): Id<EventId>) -> Result<Done> {
    call.hub().events().forget(&call.context, event_id).await?;
    Ok(Done)
}
