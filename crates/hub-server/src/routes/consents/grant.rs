use crate::errors::Result;
use crate::routes::answer::Created;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::hub::consents::NewGrant;
use hub_core::ids::PersonId;
use hub_core::protocol::consents::{Consent, GrantConsent};
use hub_core::wire;

pub(in crate::routes) async fn grant(
    call: Call,
    Id(person_id): Id<PersonId>,
    Json(body): Json<GrantConsent>,
) -> Result<Created<Consent>> {
    let expires_at = wire::optional_time(body.expires_at.as_ref(), "expires_at")?;
    let new = NewGrant { kind: body.kind, expires_at };
    let grant = call.hub().consent().grant(&call.context, person_id, new).await?;
    Ok(Created(wire::consent(call.agent()?, grant)))
}
