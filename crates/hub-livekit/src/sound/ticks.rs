//! Time as ticks of the RTP clock of Opus: 48,000 a second.

use std::time::{Duration, Instant};

/// Ticks in a millisecond.
pub(crate) const MILLISECOND: i64 = 48;
/// Ticks in a second.
pub(crate) const SECOND: i64 = 48_000;
/// Ticks in the 20 ms that a packet usually holds.
pub(crate) const PACKET: i64 = 960;

/// From one moment to another, negative when the second is the earlier.
pub(crate) fn between(from: Instant, to: Instant) -> i64 {
    match to.checked_duration_since(from) {
        Some(later) => of(later),
        None => -of(from.saturating_duration_since(to)),
    }
}

/// A length of time, rounded to the nearest tick.
pub(crate) fn of(duration: Duration) -> i64 {
    let ticks = (duration.as_nanos().saturating_mul(48) + 500_000) / 1_000_000;
    i64::try_from(ticks).unwrap_or(i64::MAX / 4)
}

/// A length of time; what is negative is nothing.
pub(crate) fn duration(ticks: i64) -> Duration {
    Duration::from_nanos(u64::try_from(ticks).unwrap_or(0).saturating_mul(1_000_000) / 48)
}

/// The moment that lies so many ticks after another.
pub(crate) fn after(moment: Instant, ticks: i64) -> Instant {
    if ticks >= 0 {
        moment.checked_add(duration(ticks)).unwrap_or(moment)
    } else {
        moment.checked_sub(duration(-ticks)).unwrap_or(moment)
    }
}

/// Follows a 32-bit timestamp beyond its wrap: the 64-bit one that is nearest to `reference`.
pub(crate) fn extend(timestamp: u32, reference: i64) -> i64 {
    let low = (reference as u64 & u64::from(u32::MAX)) as u32;
    reference + i64::from(timestamp.wrapping_sub(low) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_followed_over_its_wrap_both_ways() {
        let before = i64::from(u32::MAX) - 100;
        assert_eq!(extend(50, before), i64::from(u32::MAX) + 51);
        assert_eq!(extend(u32::MAX - 10, i64::from(u32::MAX) + 51), i64::from(u32::MAX) - 10);
        assert_eq!(extend(u32::MAX, 0), -1);
    }

    #[test]
    fn moments_and_ticks_agree() {
        let start = Instant::now();
        for ticks in [0, 1, 959, 960, 48_000, 172_800_000] {
            assert_eq!(between(start, after(start, ticks)), ticks);
        }
        assert_eq!(between(start + Duration::from_millis(20), start), -960);
    }
}
