use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::PersonId;
use hub_core::protocol::people::Person;
use hub_core::wire;

pub(in crate::routes) async fn get(call: Call, Id(person_id): Id<PersonId>) -> Result<Shown<Person>> {
    Ok(Shown(wire::person(call.hub().people().get(&call.context, person_id).await?)))
}
