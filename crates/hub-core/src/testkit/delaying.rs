//! A database on a slow disk: each step waits a random time, and commits may wait longer.

use crate::Result;
use crate::clock::Clock;
use crate::store::{Call, Dialect, Executor, Intent, Reach, Row, Statement, Transaction};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// An executor over another one that waits before a transaction begins, before and after its
/// statements, and before and after its commit. Clones share the delay, which is none at first.
#[derive(Debug, Clone)]
pub struct DelayingExecutor {
    inner: Arc<dyn Executor>,
    pace: Arc<Pace>,
}

#[derive(Debug)]
struct Pace {
    clock: Arc<dyn Clock>,
    each: Range,
    commits: Range,
    state: Mutex<u64>,
}

/// Between which times, in microseconds; no wait at all when the second is zero.
#[derive(Debug, Default)]
struct Range {
    least: AtomicU64,
    most: AtomicU64,
}

impl Range {
    fn set(&self, least: Duration, most: Duration) {
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.least.store(micros(least), Ordering::Relaxed);
        self.most.store(micros(most), Ordering::Relaxed);
    }
}

impl DelayingExecutor {
    /// Passes everything on at once until [`DelayingExecutor::delay`] is called. Delays are slept by
    /// `clock` and drawn from `seed`.
    #[must_use]
    pub fn over(inner: Arc<dyn Executor>, clock: Arc<dyn Clock>, seed: u64) -> Self {
        let pace = Pace { clock, each: Range::default(), commits: Range::default(), state: Mutex::new(seed) };
        Self { inner, pace: Arc::new(pace) }
    }

    /// From now on each step waits between `least` and `most`; not at all when `most` is zero.
    pub fn delay(&self, least: Duration, most: Duration) {
        self.pace.each.set(least, most);
    }

    /// From now on each commit waits so long beside, before it happens, as for a disk that is to
    /// write through.
    pub fn delay_commits(&self, least: Duration, most: Duration) {
        self.pace.commits.set(least, most);
    }
}

impl Pace {
    async fn wait(&self, range: &Range) {
        let (least, most) = (range.least.load(Ordering::Relaxed), range.most.load(Ordering::Relaxed));
        if most > 0 {
            let more = self.draw() % most.saturating_sub(least).saturating_add(1);
            self.clock.sleep(Duration::from_micros(least.saturating_add(more))).await;
        }
    }

    /// SplitMix64 (Steele and others 2014): even enough for delays.
    fn draw(&self) -> u64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[async_trait::async_trait]
impl Executor for DelayingExecutor {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    async fn begin(&self, intent: Intent, reach: &Reach) -> Result<Box<dyn Transaction>> {
        self.pace.wait(&self.pace.each).await;
        let inner = self.inner.begin(intent, reach).await?;
        Ok(Box::new(DelayingTransaction { inner, pace: self.pace.clone() }))
    }

    async fn secure(&self, migration: &mut dyn Transaction) -> Result<()> {
        self.inner.secure(migration).await
    }

    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }

    async fn prepare(&self, statement: &Statement) -> Result<()> {
        self.inner.prepare(statement).await
    }

    async fn shutdown(&self) {
        self.inner.shutdown().await;
    }
}

struct DelayingTransaction {
    inner: Box<dyn Transaction>,
    pace: Arc<Pace>,
}

#[async_trait::async_trait]
impl Transaction for DelayingTransaction {
    async fn batch(&mut self, calls: Vec<Call>) -> Result<Vec<Vec<Row>>> {
        self.pace.wait(&self.pace.each).await;
        let answers = self.inner.batch(calls).await;
        self.pace.wait(&self.pace.each).await;
        answers
    }

    async fn script(&mut self, sql: &str) -> Result<()> {
        self.inner.script(sql).await
    }

    async fn commit_with(self: Box<Self>, last: Vec<Call>) -> Result<()> {
        self.pace.wait(&self.pace.each).await;
        self.pace.wait(&self.pace.commits).await;
        let committed = self.inner.commit_with(last).await;
        // What is durable by now, and not answered yet, must not be told as lost either.
        self.pace.wait(&self.pace.each).await;
        committed
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        self.inner.rollback().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SqliteExecutor;
    use crate::testkit::ManualClock;

    #[tokio::test]
    async fn each_step_waits_by_the_clock_and_happens_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let inner = Arc::new(SqliteExecutor::open(&folder.path().join("db")).await.unwrap());
        let clock = Arc::new(ManualClock::default());
        let slow = DelayingExecutor::over(inner, clock.clone(), 1);
        slow.begin(Intent::Read, &Reach::nobody()).await.unwrap().rollback().await.unwrap();
        slow.delay(Duration::from_secs(2), Duration::from_secs(3));
        let nobody = Reach::nobody();
        let mut begin = std::pin::pin!(slow.begin(Intent::Read, &nobody));
        let mut begun = || {
            let mut nobody = std::task::Context::from_waker(std::task::Waker::noop());
            begin.as_mut().poll(&mut nobody).is_ready()
        };
        assert!(!begun());
        clock.advance(Duration::from_secs(2) - Duration::from_micros(1));
        assert!(!begun());
        clock.advance(Duration::from_secs(1));
        begin.await.unwrap().rollback().await.unwrap();
    }
}
