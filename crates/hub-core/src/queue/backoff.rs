//! How long a job rests after a failure: a pure function.

use std::time::Duration;

/// First rest.
const BASE: Duration = Duration::from_millis(500);
/// Longest rest.
pub(super) const CAP: Duration = Duration::from_secs(300);

/// Rest before attempt `attempts + 1`: doubling from half a second to five minutes, of which a
/// random half is kept ("equal jitter"), so that jobs that failed together do not return together.
pub(crate) fn delay(attempts: i64, random: [u8; 2]) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let full = BASE.saturating_mul(1 << doublings).min(CAP);
    let half = full / 2;
    half + half.mul_f64(f64::from(u16::from_be_bytes(random)) / f64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_to_the_cap_and_keep_at_least_half() {
        assert_eq!(delay(1, [0, 0]), Duration::from_millis(250));
        assert_eq!(delay(1, [255, 255]), Duration::from_millis(500));
        assert_eq!(delay(2, [255, 255]), Duration::from_secs(1));
        assert_eq!(delay(i64::MAX, [255, 255]), CAP);
        assert_eq!(delay(i64::MIN, [0, 0]), Duration::from_millis(250));
    }
}
