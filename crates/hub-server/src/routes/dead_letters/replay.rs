use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::DeadLetterId;
use hub_core::protocol::dead_letters::DeadLetterReplayed;

pub(in crate::routes) async fn replay(
    call: Call,
    Id(dead_letter_id): Id<DeadLetterId>,
) -> Result<Shown<DeadLetterReplayed>> {
    let replayed = call.hub().planner().replay(&call.context, dead_letter_id).await?;
    Ok(Shown(DeadLetterReplayed { dead_letter_id: replayed.dead_letter_id.0, queue: replayed.queue }))
}
