use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::hub::people::PersonPatch;
use hub_core::ids::PersonId;
use hub_core::protocol::people::{PatchPerson, Person};
use hub_core::wire;

pub(in crate::routes) async fn update(
    call: Call,
    Id(person_id): Id<PersonId>,
    Json(body): Json<PatchPerson>,
) -> Result<Shown<Person>> {
    let patch = PersonPatch { name: body.name };
    Ok(Shown(wire::person(call.hub().people().update(&call.context, person_id, patch).await?)))
}
