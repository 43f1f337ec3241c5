//! The clock: after this program was made, and together with the hub's.

use super::check::Check;
use super::network::Running;
use jiff::{SignedDuration, Timestamp};

/// A clock before 2024-01-01T00:00:00Z was never set.
const EARLIEST_SECOND: i64 = 1_704_067_200;
/// By how much two clocks may differ before what is said gets a wrong place in time.
const APART: SignedDuration = SignedDuration::from_secs(5);

pub(super) fn check(running: &Running) -> Check {
    let date = match running {
        Running::Yes { date, .. } => date.as_deref(),
        Running::No { .. } => None,
    };
    judge(Timestamp::now(), date.and_then(read_date))
}

/// The time of a `Date` header (RFC 9110, section 5.6.7).
fn read_date(date: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(date).ok().map(|time| time.timestamp())
}

fn judge(now: Timestamp, hub: Option<Timestamp>) -> Check {
    let mend = "set the machine's clock, best by NTP (`timedatectl set-ntp true`)";
    if now.as_second() < EARLIEST_SECOND {
        return Check::wrong("clock", format!("it says {now:.0}, which has long passed"), mend);
    }
    match hub.map(|hub| now.duration_since(hub)) {
        Some(apart) if apart.abs() > APART => {
            Check::wrong("clock", format!("it is {:.0} s from the hub's clock", apart.as_secs_f64()), mend)
        }
        Some(_) => Check::good("clock", format!("{now:.0}, together with the hub's")),
        None => Check::good("clock", format!("{now:.0}")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::check::State;
    use super::*;

    #[test]
    fn a_clock_that_was_never_set_or_runs_apart_is_wrong() {
        let now: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let hub = read_date("Sun, 01 Mar 2026 10:00:00 GMT");
        assert_eq!(hub, Some(now));
        assert_eq!(judge(now, hub).state, State::Good);
        assert_eq!(judge(now, None).state, State::Good);
        assert_eq!(judge(now, now.checked_sub(SignedDuration::from_secs(60)).ok()).state, State::Wrong);
        assert_eq!(judge(Timestamp::UNIX_EPOCH, None).state, State::Wrong);
    }
}
