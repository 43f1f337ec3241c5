//! The writers of one process, and which of them a job goes to.
//!
//! One agent's commits follow each other, whoever makes them: its log is a chain. A database that
//! several processes may write to takes those of different agents beside each other, and its processors
//! rest while one writer waits for an answer. So there are two writers; everything of one agent goes to
//! the same of them, and what spans agents to the first.

use super::commit::{Job, Writer};
use super::reach::Reach;
use crate::{Error, Result};
use std::sync::Mutex;
use std::sync::PoisonError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Writers where the database takes several. More of them were tried on two cores: commits become
/// smaller and more, and cost more than is won.
const BESIDE_EACH_OTHER: usize = 2;
/// Writes that may wait for a commit before callers wait for a place, by writer.
const WAITING_WRITES: usize = 4_096;

/// Writers that run until they are stopped.
#[derive(Debug)]
pub(crate) struct Lanes {
    jobs: Vec<mpsc::Sender<Job>>,
    writers: Mutex<Vec<JoinHandle<()>>>,
}

impl Lanes {
    /// Starts the writers.
    pub(crate) fn start(writer: &Writer) -> Self {
        let count = if writer.executor.dialect().locks_rows() { BESIDE_EACH_OTHER } else { 1 };
        let (mut jobs, mut writers) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for _ in 0..count {
            let (sender, waiting) = mpsc::channel(WAITING_WRITES);
            #[allow(clippy::disallowed_methods, reason = "the handles are kept and awaited by stop")]
            writers.push(tokio::spawn(writer.clone().run(waiting)));
            jobs.push(sender);
        }
        Self { jobs, writers: Mutex::new(writers) }
    }

    /// Hands a job to the writer of its agents.
    pub(crate) async fn submit(&self, reach: &Reach, job: Job) -> Result<()> {
        let lane = self.jobs.get(self.lane(reach)).ok_or_else(stopping)?;
        lane.send(job).await.map_err(|_| stopping())
    }

    fn lane(&self, reach: &Reach) -> usize {
        let mut agents = reach.agents();
        match (agents.next(), agents.next()) {
            // The last byte of an identifier is random.
            (Some(agent), None) => usize::from(agent.0.as_bytes()[15]) % self.jobs.len().max(1),
            _ => 0,
        }
    }

    /// Ends the writers after what they have accepted.
    pub(crate) async fn stop(&self) {
        // A closed sender would also do, but clones of the store may live on in callers' hands.
        for lane in &self.jobs {
            let (answer, answered) = oneshot::channel();
            if lane.send(Job::Stop(answer)).await.is_ok() {
                let _stopped = answered.await;
            }
        }
        let writers = std::mem::take(&mut *self.writers.lock().unwrap_or_else(PoisonError::into_inner));
        for writer in writers {
            let _joined = writer.await;
        }
    }
}

/// What whoever comes too late is told.
pub(crate) fn stopping() -> Error {
    Error::unavailable("stopping", "the hub is stopping; ask again with the same id")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AgentId;
    use uuid::Uuid;

    #[test]
    fn an_agent_has_one_writer_and_agents_are_shared_out() {
        let lanes = Lanes { jobs: vec![mpsc::channel(1).0, mpsc::channel(1).0], writers: Mutex::default() };
        let of = |agents: &[u128]| {
            lanes.lane(&Reach::of(agents.iter().map(|number| AgentId(Uuid::from_u128(*number)))))
        };
        assert_eq!((of(&[8]), of(&[9]), of(&[8])), (0, 1, 0));
        assert_eq!((of(&[]), of(&[9, 11])), (0, 0), "what spans agents goes to the first");
    }
}
