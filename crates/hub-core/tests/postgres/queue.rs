//! The queue on PostgreSQL: processes that share it, and a transaction that keeps what they finished.
#![allow(clippy::disallowed_methods, reason = "it waits for conditions, and looks again after a moment")]

use super::Fresh;
use hub_core::clock::{Clock as _, SystemClock, Timestamp};
use hub_core::store::{Executor as _, Intent, PostgresExecutor, Reach, Statement, Transaction};
use hub_core::testkit::{ManualClock, WorkQueue};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const LEASE: Duration = Duration::from_secs(60);

async fn executor(fresh: &Fresh) -> Arc<PostgresExecutor> {
    Arc::new(PostgresExecutor::open(&fresh.url()).await.unwrap())
}

async fn number(tx: &mut dyn Transaction, sql: &'static str) -> i64 {
    tx.query(&Statement::new(sql), vec![]).await.unwrap()[0].take(0).unwrap()
}

/// Two processes with connections of their own, one of which stands still while its leases run out.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stood_still_ends_nothing_of_another() {
    let Some(fresh) = Fresh::make().await else { return };
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let paused = WorkQueue::open(executor(&fresh).await, clock.clone()).await.unwrap();
    let awake = WorkQueue::open(executor(&fresh).await, clock.clone()).await.unwrap();
    let agents = paused.agents(2).await.unwrap();
    for (agent, first) in agents.iter().zip([0_u128, 100]) {
        paused.enqueue(*agent, (first..first + 10).map(Uuid::from_u128).collect()).await.unwrap();
    }
    let old = paused.claim(20, LEASE).await.unwrap();
    assert_eq!(old.len(), 20);
    clock.advance(LEASE);
    let held = awake.claim(20, LEASE).await.unwrap();
    assert_eq!(held.len(), 20);
    // Both at once: whoever comes first, the fence decides.
    let (late, _) = tokio::join!(paused.finish(old.clone()), async { awake.finish(held).await.unwrap() });
    assert_eq!(late.unwrap_err().code(), "lease_lost");
    for lease in old {
        assert_eq!(paused.finish_one(lease.clone()).await.unwrap_err().code(), "lease_lost");
        assert_eq!(paused.give_back(lease.clone(), 1).await.unwrap_err().code(), "lease_lost");
        assert_eq!(paused.release(lease).await.unwrap_err().code(), "lease_lost");
    }
    assert!(paused.claim(20, LEASE).await.unwrap().is_empty());
}

/// Workers of two processes share the queue while jobs come in from a third: each job is held by one of
/// them, once.
#[tokio::test(flavor = "multi_thread")]
async fn processes_share_the_jobs_and_none_is_left_or_done_twice() {
    const JOBS: u128 = 3_000;
    let Some(fresh) = Fresh::make().await else { return };
    let mut processes = Vec::new();
    for _ in 0..3 {
        let queue = WorkQueue::open(executor(&fresh).await, Arc::new(SystemClock)).await.unwrap();
        processes.push(Arc::new(queue));
    }
    let agent = processes[0].agents(1).await.unwrap()[0];
    let done = Arc::new(std::sync::Mutex::new(Vec::new()));
    let worker = |worker: usize| {
        let (queue, done) = (processes[worker % 2].clone(), done.clone());
        tokio::spawn(async move {
            while (done.lock().unwrap().len() as u128) < JOBS {
                let claimed = queue.claim(16, LEASE).await.unwrap();
                let keys: Vec<u128> = claimed.iter().map(|claimed| claimed.key().as_u128()).collect();
                if keys.is_empty() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                } else {
                    queue.finish(claimed).await.unwrap();
                    done.lock().unwrap().extend(keys);
                }
            }
        })
    };
    let workers: Vec<_> = (0..6).map(worker).collect();
    for first in (0..JOBS).step_by(50) {
        processes[2].enqueue(agent, (first..first + 50).map(Uuid::from_u128).collect()).await.unwrap();
    }
    let all = async {
        for worker in workers {
            worker.await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all).await.expect("every job is found");
    let done = done.lock().unwrap();
    assert_eq!((done.len() as u128, done.iter().collect::<BTreeSet<_>>().len() as u128), (JOBS, JOBS));
}

/// While an old transaction keeps every finished job in the indexes, claims do not walk over them, and
/// the end of a job does not either.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_walks_over_finished_jobs_that_an_old_transaction_keeps() {
    const ROUNDS: u64 = 125;
    const JOBS: u64 = 32;
    let Some(fresh) = Fresh::make().await else { return };
    let clock = Arc::new(ManualClock::at(Timestamp(1_790_000_000_000_000)));
    let queue = WorkQueue::open(executor(&fresh).await, clock.clone()).await.unwrap();
    let agent = queue.agents(1).await.unwrap()[0];
    let beside = executor(&fresh).await;
    let mut old = beside.begin(Intent::Read, &Reach::nobody()).await.unwrap();
    assert_eq!(number(old.as_mut(), "SELECT count(*) FROM agents").await, 0);
    for round in 0..ROUNDS {
        let keys = (round * JOBS..(round + 1) * JOBS).map(|key| Uuid::from_u128(key.into())).collect();
        queue.enqueue(agent, keys).await.unwrap();
        let claimed = queue.claim(32, LEASE).await.unwrap();
        assert_eq!(claimed.len() as u64, JOBS);
        queue.finish(claimed).await.unwrap();
        clock.advance(Duration::from_millis(100));
    }
    queue.shutdown().await;
    // A connection that ends has told what it read.
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'hub' \
                  AND pid <> pg_backend_pid()";
    for left in (0..1_000).rev() {
        let mut tx = beside.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
        // Only the old transaction's is left.
        if number(tx.as_mut(), others).await == 1 {
            break;
        }
        assert!(left > 0, "a connection does not end");
        tx.rollback().await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let read = |index: &'static str| {
        let beside = beside.clone();
        async move {
            let mut tx = beside.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
            number(tx.as_mut(), index).await
        }
    };
    let claims =
        read("SELECT idx_tup_read FROM pg_stat_all_indexes WHERE indexrelname = 'queue_to_claim'").await;
    let leases =
        read("SELECT idx_tup_read FROM pg_stat_all_indexes WHERE indexrelname = 'queue_leased'").await;
    let ends = read("SELECT idx_tup_read FROM pg_stat_all_indexes WHERE indexrelname = 'queue_pkey'").await;
    drop(old);
    // From the beginning each time, the looks and claims would have read 250,000 entries each. There
    // were twelve full looks.
    assert!((4_000..100_000).contains(&claims), "claims read {claims} entries");
    assert!(leases < 50_000, "looks for leases that ran out read {leases} entries");
    assert!((4_000..50_000).contains(&ends), "ending jobs read {ends} entries");
}
