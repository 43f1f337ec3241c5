use crate::errors::Result;
use crate::routes::answer::Done;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::PersonId;

pub(in crate::routes) async fn delete(call: Call, Id(person_id): Id<PersonId>) -> Result<Done> {
    call.hub().people().delete(&call.context, person_id).await?;
    Ok(Done)
}
