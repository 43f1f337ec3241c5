//! Whether the hub can work, and how much waits in it: for whoever runs it. No content and no ids.

use super::Hub;
use crate::Result;
use crate::queue::Queue;
use crate::queue::dead_letters::Depth;
use crate::store::{Reach, across, boxed, declare};
use std::collections::BTreeMap;
use std::time::Duration;

declare! {
    READY = "SELECT 1";
}

/// What waits in one queue, over all agents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Jobs by state.
    pub depth: Depth,
    /// How long the oldest job has waited that may be claimed now; zero without one.
    pub oldest: Duration,
}

impl Hub {
    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// `unavailable` when it gives none.
    pub async fn ready(&self) -> Result<()> {
        self.inner
            .store
            .read(Reach::nobody(), |tx| boxed(async move { tx.row(&READY, Vec::new()).await.map(|_| ()) }))
            .await
    }

    /// Tokens that models may read and write for one agent in a day (UTC), as the settings say.
    #[must_use]
    pub fn plan_tokens_per_day(&self) -> u64 {
        self.inner.settings.plan_tokens_per_day
    }

    /// What waits in each queue, by name, over all agents.
    ///
    /// # Errors
    /// `unavailable` when the database cannot be asked.
    pub async fn backlog(&self) -> Result<BTreeMap<String, Waiting>> {
        self.inner
            .store
            .read(Reach::nobody(), |tx| {
                boxed(async move {
                    let mut queues: BTreeMap<String, Waiting> = Queue::ALL
                        .into_iter()
                        .map(|queue| (queue.as_str().to_owned(), Waiting::default()))
                        .collect();
                    let now = tx.now();
                    for mut row in tx.across(across::BACKLOG, vec![now.into()]).await? {
                        let waiting = queues.entry(row.take(0)?).or_default();
                        let (state, count): (String, i64) = (row.take(1)?, row.take(2)?);
                        match state.as_str() {
                            "ready" => {
                                waiting.depth.ready = count;
                                waiting.oldest = now.since(row.take(3)?);
                            }
                            "leased" => waiting.depth.leased = count,
                            "delayed" => waiting.depth.delayed = count,
                            _ => waiting.depth.dead = count,
                        }
                    }
                    Ok(queues)
                })
            })
            .await
    }
}
