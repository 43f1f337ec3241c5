//! Calls that wait, each with a number by which it can be given up.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::task::AbortHandle;

/// Those of a process.
#[derive(Debug, Default)]
pub(super) struct Tickets(Mutex<Drawn>);

#[derive(Debug, Default)]
struct Drawn {
    last: i64,
    /// Without a task while that is being made.
    waiting: BTreeMap<i64, Option<AbortHandle>>,
}

impl Tickets {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Drawn { last: 0, waiting: BTreeMap::new() }))
    }

    /// Another number, from 1 on.
    pub(super) fn draw(&self) -> i64 {
        let mut drawn = self.drawn();
        drawn.last += 1;
        let ticket = drawn.last;
        drawn.waiting.insert(ticket, None);
        ticket
    }

    /// That is the task which the call waits for. It may have ended by now, and its ticket with it.
    pub(super) fn hold(&self, ticket: i64, task: AbortHandle) {
        if let Some(place) = self.drawn().waiting.get_mut(&ticket) {
            *place = Some(task);
        }
    }

    /// The call has ended.
    pub(super) fn end(&self, ticket: i64) {
        self.drawn().waiting.remove(&ticket);
    }

    /// Nobody waits for the call any more: its task ends where it is.
    pub(super) fn abandon(&self, ticket: i64) {
        let task = self.drawn().waiting.remove(&ticket).flatten();
        if let Some(task) = task {
            task.abort();
        }
    }

    fn drawn(&self) -> MutexGuard<'_, Drawn> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_call_that_is_given_up_ends_and_leaves_nothing() {
        let tickets = Tickets::new();
        let (first, second) = (tickets.draw(), tickets.draw());
        assert_eq!((first, second), (1, 2));
        let task = tokio::spawn(std::future::pending::<()>());
        tickets.hold(first, task.abort_handle());
        tickets.abandon(first);
        let ended = tokio::time::timeout(Duration::from_secs(10), task).await;
        assert!(ended.unwrap().unwrap_err().is_cancelled());
        tickets.abandon(first);
        tickets.end(second);
        assert!(tickets.drawn().waiting.is_empty());
    }

    #[tokio::test]
    async fn a_task_that_ended_before_it_was_held_leaves_nothing() {
        let tickets = Tickets::new();
        let ticket = tickets.draw();
        let task = tokio::spawn(std::future::ready(()));
        tickets.end(ticket);
        tickets.hold(ticket, task.abort_handle());
        assert!(tickets.drawn().waiting.is_empty());
        task.await.unwrap();
    }
}
