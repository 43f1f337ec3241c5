//! The queue: leases are fenced, and no job is forgotten.

use super::Database;
use crate::clock::Timestamp;
use crate::testkit::{Claimed, ManualClock, WorkQueue};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const LEASE: Duration = Duration::from_secs(60);

/// Two processes that work on one database, by one clock.
struct Two {
    database: Database,
    clock: Arc<ManualClock>,
    one: WorkQueue,
    other: WorkQueue,
}

impl Two {
    /// With so many jobs, of two agents in turn; each is due a second after the one before, the last
    /// one now.
    async fn with_jobs(database: Database, jobs: u8) -> Self {
        let clock = Arc::new(ManualClock::default());
        let one = WorkQueue::open(database.executor.clone(), clock.clone()).await.unwrap();
        let other = WorkQueue::open(database.executor.clone(), clock.clone()).await.unwrap();
        let agents = one.agents(2).await.unwrap();
        for job in 1..=jobs {
            clock.advance(Duration::from_secs(1));
            one.enqueue(agents[usize::from(job % 2)], vec![key(job)]).await.unwrap();
        }
        Self { database, clock, one, other }
    }

    /// Adds a job from a process whose clock is behind by so much.
    async fn enqueue_late(&self, job: u8, behind: Duration) {
        self.enqueue_at(job, self.now().before(behind)).await;
    }

    async fn enqueue_at(&self, job: u8, at: Timestamp) {
        let clock = Arc::new(ManualClock::at(at));
        let process = WorkQueue::open(self.database.executor.clone(), clock).await.unwrap();
        let agent = crate::ids::AgentId(Uuid::from_u128(1));
        process.enqueue(agent, vec![key(job)]).await.unwrap();
    }

    fn now(&self) -> Timestamp {
        crate::clock::Clock::now(self.clock.as_ref())
    }
}

fn key(job: u8) -> Uuid {
    Uuid::from_u128(job.into())
}

async fn claim(queue: &WorkQueue) -> Vec<Claimed> {
    queue.claim(32, LEASE).await.unwrap()
}

fn keys(claimed: &[Claimed]) -> Vec<u128> {
    claimed.iter().map(|claimed| claimed.key().as_u128()).collect()
}

async fn is_lost<T: std::fmt::Debug>(answer: impl Future<Output = crate::Result<T>>) {
    assert_eq!(answer.await.unwrap_err().code(), "lease_lost");
}

/// Whoever was paused until his lease ran out can end, give back or release nothing that another one
/// holds, has ended, or may claim.
pub async fn a_lease_that_was_taken_over_is_good_for_nothing(database: Database) {
    let two = Two::with_jobs(database, 3).await;
    let paused = claim(&two.one).await;
    assert_eq!(keys(&paused), [1, 2, 3]);
    assert!(claim(&two.other).await.is_empty());
    two.clock.advance(LEASE);
    let held = claim(&two.other).await;
    assert_eq!((keys(&held), held[0].attempts()), (vec![1, 2, 3], 2));
    is_lost(two.one.finish(paused.clone())).await;
    is_lost(two.one.finish_one(paused[0].clone())).await;
    is_lost(two.one.give_back(paused[1].clone(), 5)).await;
    is_lost(two.one.give_back(paused[1].clone(), 1)).await;
    is_lost(two.one.release(paused[2].clone())).await;
    two.other.release(held[0].clone()).await.unwrap();
    is_lost(two.one.finish_one(paused[0].clone())).await;
    is_lost(two.one.finish(paused[..1].to_vec())).await;
    is_lost(two.other.finish(held.clone())).await;
    two.other.finish(held[1..].to_vec()).await.unwrap();
    is_lost(two.one.finish(paused.clone())).await;
    let again = claim(&two.other).await;
    assert_eq!((keys(&again), again[0].attempts()), (vec![1], 3));
    two.other.finish_one(again[0].clone()).await.unwrap();
    is_lost(two.one.give_back(paused[0].clone(), 1)).await;
    two.clock.advance(LEASE * 2);
    assert!(claim(&two.one).await.is_empty());
}

/// Jobs that end together end all or none.
pub async fn one_lost_lease_ends_none_of_its_jobs(database: Database) {
    let two = Two::with_jobs(database, 3).await;
    let mut mine = two.one.claim(1, LEASE).await.unwrap();
    mine.extend(two.one.claim(2, LEASE * 10).await.unwrap());
    two.clock.advance(LEASE);
    let taken = claim(&two.other).await;
    assert_eq!(keys(&taken), [1]);
    is_lost(two.one.finish(mine.clone())).await;
    two.one.finish(mine[1..].to_vec()).await.unwrap();
    two.other.finish(taken).await.unwrap();
}

/// A job that failed rests, comes again, and at last is a dead letter, which nobody claims.
pub async fn a_job_that_fails_rests_and_is_given_up(database: Database) {
    let two = Two::with_jobs(database, 1).await;
    let first = claim(&two.one).await;
    assert!(!two.one.give_back(first[0].clone(), 2).await.unwrap());
    assert!(claim(&two.other).await.is_empty());
    two.clock.advance(Duration::from_millis(500));
    let second = claim(&two.other).await;
    assert_eq!((keys(&second), second[0].attempts()), (vec![1], 2));
    assert!(two.other.give_back(second[0].clone(), 2).await.unwrap());
    two.clock.advance(LEASE * 100);
    assert!(claim(&two.one).await.is_empty() && claim(&two.other).await.is_empty());
}

/// A job that was dated before the last look, by a slow clock or in a transaction that was long in
/// coming, is claimed a second later at most; one that is a little late by the next look.
pub async fn a_job_that_comes_in_behind_the_last_look_is_found_within_a_second(database: Database) {
    let two = Two::with_jobs(database, 0).await;
    assert!(claim(&two.one).await.is_empty());
    two.clock.advance(Duration::from_millis(600));
    two.enqueue_late(1, Duration::from_millis(800)).await;
    assert_eq!(keys(&claim(&two.one).await), [1]);
    two.enqueue_late(2, Duration::from_secs(10)).await;
    let passed = two.database.executor.dialect().keeps_what_is_gone();
    assert_eq!(claim(&two.one).await.is_empty(), passed, "a look begins where the last one ended");
    two.clock.advance(Duration::from_millis(400));
    if passed {
        assert_eq!(keys(&claim(&two.one).await), [2]);
    }
    // A clock that is set back counts for no second at all.
    two.clock.set(two.now().before(Duration::from_secs(3_600)));
    two.enqueue_late(3, Duration::ZERO).await;
    assert_eq!(keys(&claim(&two.one).await), [3]);
}

/// Many old jobs that come in behind the last look are all claimed from the next full look on, not a
/// handful each time.
pub async fn all_jobs_behind_the_last_look_are_found_by_one_full_look(database: Database) {
    let two = Two::with_jobs(database, 0).await;
    assert!(claim(&two.one).await.is_empty());
    for job in 1..=5 {
        two.enqueue_late(job, Duration::from_secs(100 - u64::from(job))).await;
    }
    two.clock.advance(Duration::from_secs(1));
    for job in 1..=5 {
        assert_eq!(keys(&two.one.claim(1, LEASE).await.unwrap()), [job]);
    }
}

/// A lease that runs out is seen by the next look of another process, not only by a full one, and the
/// jobs that it releases by the looks of all.
pub async fn a_lease_that_runs_out_is_seen_by_the_next_look(database: Database) {
    let two = Two::with_jobs(database, 2).await;
    assert_eq!(keys(&claim(&two.one).await), [1, 2]);
    two.clock.advance(LEASE - Duration::from_millis(1));
    assert!(claim(&two.other).await.is_empty() && claim(&two.one).await.is_empty());
    two.clock.advance(Duration::from_millis(1));
    assert_eq!(keys(&two.other.claim(1, LEASE).await.unwrap()), [1]);
    // The other job was released with it.
    assert_eq!(keys(&claim(&two.one).await), [2]);
}

/// What was enqueued before the clock was set back is claimed at once, and not when the clock has caught
/// up; what rests by another hub's clock that is five minutes ahead waits.
pub async fn what_a_clock_that_was_set_back_left_ahead_is_due(database: Database) {
    let two = Two::with_jobs(database, 3).await;
    let was = two.now();
    two.clock.set(was.before(Duration::from_secs(600)));
    assert_eq!(keys(&claim(&two.one).await), [3], "the others are due within ten minutes");
    two.clock.set(was.before(Duration::from_secs(3_600)));
    let ahead = claim(&two.one).await;
    assert_eq!(keys(&ahead), [1, 2]);
    // It rests as any other does.
    assert!(!two.one.give_back(ahead[0].clone(), 5).await.unwrap());
    two.one.finish_one(ahead[1].clone()).await.unwrap();
    assert!(claim(&two.one).await.is_empty() && claim(&two.other).await.is_empty());
    two.clock.advance(Duration::from_millis(500));
    assert_eq!(keys(&claim(&two.other).await), [1]);
}

/// Jobs that are dated ahead and stay, since no worker here has their tool, hide none that are due.
pub async fn a_job_that_nobody_takes_from_ahead_keeps_none_waiting(database: Database) {
    let two = Two::with_jobs(database, 0).await;
    two.enqueue_at(1, two.now().after(Duration::from_secs(3_600))).await;
    two.enqueue_late(2, Duration::ZERO).await;
    // A look that takes nothing.
    assert!(two.one.claim(0, LEASE).await.unwrap().is_empty());
    assert_eq!(keys(&claim(&two.one).await), [2]);
    assert_eq!(keys(&claim(&two.one).await), [1]);
}
