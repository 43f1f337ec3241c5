//! Waiting until a hub has done what its queues hold.

use super::exit::Outcome;
use super::session::Session;
use hub_protocol::status::Status;
use std::time::{Duration, Instant};

/// Rest between two looks: short at first, since most talk is planned soon.
const FIRST: Duration = Duration::from_millis(25);
const LONGEST: Duration = Duration::from_millis(250);

/// The agent's status.
pub(crate) async fn status(session: &Session) -> Outcome<Status> {
    session.client.get(&session.path("status")).await
}

/// Waits until every queue is drained, at most so long. Answers the last status; whether it is
/// drained, the status itself says.
pub(crate) async fn drained(
    session: &Session,
    most: Duration,
    mut each: impl FnMut(&Status),
) -> Outcome<Status> {
    let begun = Instant::now();
    let mut rest = FIRST;
    loop {
        let status = status(session).await?;
        each(&status);
        if status.is_drained() || begun.elapsed() >= most {
            return Ok(status);
        }
        tokio::time::sleep(rest.min(most.saturating_sub(begun.elapsed()))).await;
        rest = (rest * 2).min(LONGEST);
    }
}

/// Jobs that wait or are worked on.
pub(crate) fn waiting(status: &Status) -> u64 {
    status.queues.values().map(|queue| queue.ready + queue.leased + queue.delayed).sum()
}

/// Rows of the kinds whose name begins so.
pub(crate) fn count(status: &Status, beginning: &str) -> u64 {
    let kinds = status.counts.iter().filter(|(name, _)| name.starts_with(beginning));
    kinds.map(|(_, count)| count).sum()
}
