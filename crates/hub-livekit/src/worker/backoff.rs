//! How long to wait before the server is called again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);
/// A connection that held for so long was a good one: the pauses begin anew.
const GOOD: Duration = Duration::from_secs(60);

/// Pauses that double, each shortened by chance to between its half and its whole, so that workers which
/// lost the same server do not come back together.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after a connection that held for so long; `chance` is 0 to 1.
    pub(super) fn after(&mut self, held: Duration, chance: f64) -> Duration {
        if held >= GOOD {
            self.failures = 0;
        }
        let whole = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        whole.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_closes_at_once_is_called_ever_more_seldom() {
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = (0..12).map(|_| backoff.after(Duration::from_millis(5), 1.0)).collect();
        assert!(pauses.windows(2).all(|two| two[0] <= two[1]));
        assert_eq!((pauses[0], pauses[11]), (FIRST, LONGEST));
        // Not even a hundred calls in an hour.
        let hour: Duration = (0..100).map(|_| backoff.after(Duration::ZERO, 0.0)).sum();
        assert!(hour > Duration::from_secs(20 * 60));
    }

    #[test]
    fn a_connection_that_held_begins_anew() {
        let mut backoff = Backoff::default();
        assert!((0..9).map(|_| backoff.after(Duration::ZERO, 1.0)).max() == Some(LONGEST));
        assert_eq!(backoff.after(GOOD, 1.0), FIRST);
    }
}
