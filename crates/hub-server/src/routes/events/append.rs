use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::EventsBody;
use hub_core::protocol::events::EventsAnswer;
use hub_core::wire;

pub(in crate::routes) async fn append(
    call: Call,
    EventsBody(body): EventsBody,
) -> Result<Shown<EventsAnswer>> {
    call.state.shared().limits.events(call.principal(), body.events.len())?;
    let batch = wire::batch(body)?;
    Ok(Shown(wire::outcomes(call.hub().events().append(&call.context, batch).await?)))
}
