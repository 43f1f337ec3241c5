//! Token buckets: a rate with a burst, for each key.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Keys that are remembered; full buckets are forgotten first, since they say nothing.
const KEYS: usize = 10_000;

/// A rate for each key.
#[derive(Debug)]
pub(crate) struct Rate<K> {
    per_second: u32,
    burst: f64,
    buckets: Mutex<HashMap<K, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: f64,
    at: Instant,
}

impl<K: Eq + Hash + Copy> Rate<K> {
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        let per_second = per_second.max(1);
        Self { per_second, burst: f64::from(burst.max(1)), buckets: Mutex::default() }
    }

    /// Takes `amount`, or answers the rate that was passed. More than the burst is let through from
    /// a full bucket and paid back later: what a request may hold is bounded elsewhere.
    pub(crate) fn take(&self, key: K, amount: u32) -> Result<(), u32> {
        self.take_at(key, amount, Instant::now())
    }

    /// Whether not even 1 could be taken.
    pub(crate) fn is_exhausted(&self, key: K) -> bool {
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        // Mostly there is no bucket at all, and then no clock is asked.
        buckets.get(&key).is_some_and(|bucket| self.level(*bucket, Instant::now()) < 1.0)
    }

    fn take_at(&self, key: K, amount: u32, now: Instant) -> Result<(), u32> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEYS && !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| self.level(*bucket, now) < self.burst);
            if buckets.len() >= KEYS {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(key).or_insert(Bucket { level: self.burst, at: now });
        let level = self.level(*bucket, now);
        let amount = f64::from(amount);
        if level < amount.min(self.burst) {
            return Err(self.per_second);
        }
        *bucket = Bucket { level: level - amount, at: now };
        Ok(())
    }

    fn level(&self, bucket: Bucket, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        (passed.mul_add(f64::from(self.per_second), bucket.level)).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let (rate, start) = (Rate::new(10, 5), Instant::now());
        for _ in 0..5 {
            rate.take_at('a', 1, start).unwrap();
        }
        assert_eq!(rate.take_at('a', 1, start), Err(10));
        rate.take_at('b', 1, start).unwrap();
        rate.take_at('a', 1, start + Duration::from_millis(101)).unwrap();
        assert_eq!(rate.take_at('a', 1, start + Duration::from_millis(110)), Err(10));
    }

    #[test]
    fn more_than_the_burst_is_paid_back() {
        let (rate, start) = (Rate::new(100, 10), Instant::now());
        rate.take_at('a', 110, start).unwrap();
        assert!(rate.take_at('a', 1, start + Duration::from_millis(990)).is_err());
        rate.take_at('a', 1, start + Duration::from_millis(1_020)).unwrap();
    }

    #[test]
    fn keys_are_bounded() {
        let (rate, start) = (Rate::new(1, 1), Instant::now());
        for key in 0..3 * KEYS {
            let _refused_or_not = rate.take_at(key, 1, start);
        }
        assert!(rate.buckets.lock().unwrap().len() <= KEYS);
    }
}
