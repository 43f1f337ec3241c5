//! Time as a port: nothing in the core asks the machine for it.

use crate::{Error, Result};
use std::fmt;
use std::time::Duration;

/// An instant: microseconds since 1970-01-01T00:00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Reads RFC 3339 text, such as `2026-03-01T10:00:00Z`. Digits beyond the microsecond are cut.
    ///
    /// # Errors
    /// `invalid` when the text is not RFC 3339; a date without a zone is not.
    pub fn parse(text: &str) -> Result<Self> {
        text.parse::<jiff::Timestamp>().map(|time| Self(time.as_microsecond())).map_err(|_| {
            Error::invalid("malformed_time", "not a time of RFC 3339, such as 2026-03-01T10:00:00Z")
        })
    }

    /// This instant later by `duration`, or the last representable one.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }

    /// This instant earlier by `duration`, or the first representable one.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }

    /// Time passed since `earlier`; zero when that lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with as many digits of the second as are needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(time) => time.fmt(f),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

/// Where time comes from.
#[async_trait::async_trait]
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present instant. It may jump, as clocks do.
    fn now(&self) -> Timestamp;
    /// Returns when `duration` has passed.
    async fn sleep(&self, duration: Duration);
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

#[async_trait::async_trait]
impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the port through which the machine's time enters")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_microsecond())
    }

    #[allow(clippy::disallowed_methods, reason = "this is the port through which waiting enters")]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// The instants that RFC 3339 can write: years 0000 to 9999, and the zone's day at each end.
    const EARLIEST: i64 = -62_167_132_800_000_000;
    const LATEST: i64 = 253_402_207_200_000_000;

    proptest! {
        #[test]
        fn an_instant_reads_back_from_its_text(instant in EARLIEST..LATEST) {
            prop_assert_eq!(Timestamp::parse(&Timestamp(instant).to_string()).unwrap(), Timestamp(instant));
        }

        #[test]
        fn texts_sort_as_their_instants_do(one in EARLIEST..LATEST, other in EARLIEST..LATEST) {
            // With the same number of digits of the second, which whole seconds have.
            let (one, other) = (one - one % 1_000_000, other - other % 1_000_000);
            let (early, late) = (Timestamp(one.max(0)), Timestamp(other.max(0)));
            prop_assert_eq!(early.to_string().cmp(&late.to_string()), early.cmp(&late));
        }

        #[test]
        fn the_zone_moves_the_text_and_not_the_instant(instant in 0..LATEST / 1_000_000, hours in -23_i64..24, minutes in 0_i64..60) {
            let shift = hours * 3_600 + hours.signum() * minutes * 60;
            let local = Timestamp((instant + shift).max(0) * 1_000_000).to_string();
            let zone = format!("{}{:02}:{:02}", if shift < 0 { '-' } else { '+' }, hours.abs(), if hours == 0 { 0 } else { minutes });
            let read = Timestamp::parse(&format!("{}{zone}", local.trim_end_matches('Z'))).unwrap();
            prop_assert_eq!(read, Timestamp((instant + shift).max(0) * 1_000_000 - shift * 1_000_000));
        }

        #[test]
        fn any_text_is_an_instant_or_refused(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]{5,18}([Zz]|[+-][0-9:]{2,6})?|.{0,30}") {
            match Timestamp::parse(&text) {
                Ok(instant) => prop_assert_eq!(Timestamp::parse(&instant.to_string()).unwrap(), instant),
                Err(error) => prop_assert_eq!(error.code(), "malformed_time"),
            }
        }
    }
}
