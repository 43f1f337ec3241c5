//! A clock that stands still until a test moves it.

use crate::clock::{Clock, Timestamp};
use std::time::Duration;
use tokio::sync::watch;

/// A clock that stands still. Whoever sleeps by it wakes when it was moved far enough.
#[derive(Debug)]
pub struct ManualClock(watch::Sender<Timestamp>);

impl ManualClock {
    /// Stands at this instant.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(watch::Sender::new(now))
    }

    /// Moves it ahead.
    pub fn advance(&self, duration: Duration) {
        self.0.send_modify(|now| *now = now.after(duration));
    }

    /// Sets it, also back, as clocks of machines are set.
    pub fn set(&self, now: Timestamp) {
        self.0.send_replace(now);
    }

    /// How many sleep by it, or are about to.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.0.receiver_count()
    }
}

impl Default for ManualClock {
    /// 2026-09-21T14:13:20Z.
    fn default() -> Self {
        Self::at(Timestamp(1_790_000_000_000_000))
    }
}

#[async_trait::async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    async fn sleep(&self, duration: Duration) {
        let mut moved = self.0.subscribe();
        let end = moved.borrow().after(duration);
        // The sender lives as long as this borrow of it, so waiting cannot fail.
        let _woken = moved.wait_for(|now| *now >= end).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleeper_wakes_when_the_clock_was_moved_far_enough() {
        let clock = ManualClock::default();
        let began = clock.now();
        let mut sleep = clock.sleep(Duration::from_secs(10));
        let mut wakes = move || {
            let mut nobody = std::task::Context::from_waker(std::task::Waker::noop());
            sleep.as_mut().poll(&mut nobody).is_ready()
        };
        assert!(!wakes());
        clock.advance(Duration::from_micros(9_999_999));
        assert!(!wakes());
        clock.advance(Duration::from_micros(1));
        assert!(wakes());
        assert_eq!(clock.now().since(began), Duration::from_secs(10));
    }
}
