use crate::errors::Result;
use crate::routes::answer::Created;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::hub::presence::NewPresence;
use hub_core::ids::SpaceId;
use hub_core::protocol::presence::{Presence, ReportPresence};
use hub_core::wire;

pub(in crate::routes) async fn report(
    call: Call,
    Id(space_id): Id<SpaceId>,
    Json(body): Json<ReportPresence>,
) -> Result<Created<Presence>> {
    let new = NewPresence { person_id: body.person_id.map(Into::into), state: body.state };
    Ok(Created(wire::presence(call.hub().presence().report(&call.context, space_id, new).await?)))
}
