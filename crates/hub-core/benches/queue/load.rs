//! Workers that claim and end jobs, and whoever adds some.

use super::store::Store;
use hub_core::clock::SystemClock;
use hub_core::ids::AgentId;
use hub_core::testkit::WorkQueue;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

const WORKERS: usize = 8;
/// Leases that one worker holds at most.
const LEASES: usize = 32;
const LEASE: Duration = Duration::from_secs(60);
const AGENTS: u32 = 10;
/// Jobs that one transaction adds.
const ADDED_AT_ONCE: usize = 250;
/// Jobs that wait while others come in.
const BACKLOG: usize = 20_000;

pub(crate) fn note() -> String {
    format!(
        "{WORKERS} workers in one process, each claims up to {LEASES} jobs of {AGENTS} agents, then ends them in one \
         transaction that checks each fence; the writer of the process commits what the workers ask together"
    )
}

/// The queue of one database, with workers in this process.
pub(crate) struct Load {
    queue: Arc<WorkQueue>,
    /// Another process, as far as the database can tell, that adds jobs.
    source: Arc<WorkQueue>,
    agents: Vec<AgentId>,
    added: AtomicUsize,
    done: Arc<AtomicUsize>,
}

/// Jobs that were done by the end of each twentieth of the time.
pub(crate) struct Outcome {
    took: Duration,
    done: Vec<usize>,
}

impl Outcome {
    pub(crate) fn jobs(&self) -> usize {
        *self.done.last().unwrap()
    }

    pub(crate) fn rate(&self) -> f64 {
        self.jobs() as f64 / self.took.as_secs_f64()
    }

    pub(crate) fn last_fifth(&self) -> f64 {
        let (all, before) = (self.done.len(), self.done.len() * 4 / 5);
        let share = (all - before) as f64 / all as f64;
        (self.jobs() - self.done[before - 1]) as f64 / (self.took.as_secs_f64() * share)
    }

    pub(crate) fn tenths(&self) -> Vec<f64> {
        let ends: Vec<usize> = self.done.iter().copied().skip(1).step_by(2).collect();
        let begins = std::iter::once(0).chain(ends.iter().copied());
        ends.iter()
            .zip(begins)
            .map(|(end, begin)| (end - begin) as f64 * 10.0 / self.took.as_secs_f64())
            .collect()
    }
}

impl Load {
    pub(crate) async fn on(store: &Store) -> Self {
        let open =
            async || Arc::new(WorkQueue::open(store.executor().await, Arc::new(SystemClock)).await.unwrap());
        let (queue, source) = (open().await, open().await);
        let agents = queue.agents(AGENTS).await.unwrap();
        Self { queue, source, agents, added: AtomicUsize::new(0), done: Arc::default() }
    }

    /// Adds jobs, a few hundred in each transaction, of all agents in turn.
    pub(crate) async fn enqueue(&self, jobs: usize) {
        for _ in 0..jobs / ADDED_AT_ONCE {
            let first = self.added.fetch_add(ADDED_AT_ONCE, Ordering::Relaxed);
            let keys = (first..first + ADDED_AT_ONCE).map(|key| Uuid::from_u128(key as u128)).collect();
            let agent = self.agents[first / ADDED_AT_ONCE % self.agents.len()];
            self.source.enqueue(agent, keys).await.unwrap();
        }
    }

    /// Works off the jobs that wait, which are so many, and answers how many a second.
    pub(crate) async fn drain(&self, jobs: usize) -> f64 {
        let began = Instant::now();
        let goal = self.done.load(Ordering::Relaxed) + jobs;
        let stop = Arc::new(AtomicBool::new(false));
        let workers = self.workers(&stop);
        while self.done.load(Ordering::Relaxed) < goal {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let took = began.elapsed();
        stop.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.await.unwrap();
        }
        assert_eq!(self.done.load(Ordering::Relaxed), goal, "a job was ended twice");
        jobs as f64 / took.as_secs_f64()
    }

    /// Works for so long on jobs that come in, of which there are always enough.
    pub(crate) async fn run(&self, length: Duration) -> Outcome {
        self.enqueue(BACKLOG).await;
        let (began, first) = (Instant::now(), self.done.load(Ordering::Relaxed));
        let stop = Arc::new(AtomicBool::new(false));
        let workers = self.workers(&stop);
        let mut done = Vec::new();
        while done.len() < 20 {
            let finished = self.done.load(Ordering::Relaxed);
            if began.elapsed() >= length.mul_f64((done.len() + 1) as f64 / 20.0) {
                done.push(finished - first);
            }
            if self.added.load(Ordering::Relaxed) - finished < BACKLOG {
                self.enqueue(ADDED_AT_ONCE).await;
            } else {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        let took = began.elapsed();
        stop.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.await.unwrap();
        }
        // What is left is not the next measurement's.
        self.drain(self.added.load(Ordering::Relaxed) - self.done.load(Ordering::Relaxed)).await;
        Outcome { took, done }
    }

    fn workers(&self, stop: &Arc<AtomicBool>) -> Vec<tokio::task::JoinHandle<()>> {
        let worker = |_| {
            let (queue, stop, done) = (self.queue.clone(), stop.clone(), self.done.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let claimed = queue.claim(LEASES, LEASE).await.unwrap();
                    if claimed.is_empty() {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                        continue;
                    }
                    let ended = claimed.len();
                    queue.finish(claimed).await.unwrap();
                    done.fetch_add(ended, Ordering::Relaxed);
                }
            })
        };
        (0..WORKERS).map(worker).collect()
    }

    pub(crate) async fn shutdown(self) {
        self.queue.shutdown().await;
        self.source.shutdown().await;
    }
}
