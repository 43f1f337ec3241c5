//! Who is told of work: each worker of a queue, after a commit that put something into it.

use super::Queue;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// A bell for each queue. It saves waiting, and nothing rests on it: work that another process
/// left, and work that time alone makes due, is found by looking.
#[derive(Debug, Default)]
pub(crate) struct Bells([Notify; Queue::ALL.len()]);

impl Bells {
    /// Wakes whoever waits for work of these queues.
    pub(crate) fn ring(&self, queues: &[Queue]) {
        for (bell, _) in self.0.iter().zip(Queue::ALL).filter(|(_, queue)| queues.contains(queue)) {
            bell.notify_waiters();
        }
    }

    /// Hears the next ring, from this call on.
    pub(crate) fn listen(&self, queue: Queue) -> Option<Notified<'_>> {
        self.0.iter().zip(Queue::ALL).find(|(_, whose)| *whose == queue).map(|(bell, _)| bell.notified())
    }
}
