//! What a caller may ask of a receiver.

use crate::sound::ticks::MILLISECOND;
use crate::sound::{Format, SoundError};
use std::time::Duration;

/// Beyond the delay that the packets ask for: frames are taken from the receiver a little late or early.
pub(super) const MARGIN: i64 = 2 * MILLISECOND;
/// The longest delay that may be asked for.
const LONGEST: Duration = Duration::from_secs(2);

/// Settings of a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiverOptions {
    /// What is to come out: 48, 24 or 16 kHz, mono (stereo is mixed down) or stereo.
    pub format: Format,
    /// Length of a frame: 10 or 20 ms. With 10 ms sound is handed out 5 ms earlier on average.
    pub frame: Duration,
    /// The delay never falls below this. 0 by default.
    pub min_delay: Duration,
    /// The delay never grows beyond this; packets that are later are lost. 500 ms by default, 2 s at most.
    pub max_delay: Duration,
    /// The delay of the first packets, until two seconds of them have told how they come. 30 ms by
    /// default, and a frame beyond.
    pub initial_delay: Duration,
}

impl ReceiverOptions {
    /// The defaults for a format: frames of 10 ms, a delay of up to 500 ms that begins at 30 ms.
    pub const fn new(format: Format) -> Self {
        Self {
            format,
            frame: Duration::from_millis(10),
            min_delay: Duration::ZERO,
            max_delay: Duration::from_millis(500),
            initial_delay: Duration::from_millis(30),
        }
    }

    pub(super) fn check(&self) -> Result<(), SoundError> {
        let refuse = |name, value: Duration, allowed| {
            let value = i64::try_from(value.as_millis()).unwrap_or(i64::MAX);
            Err(SoundError::Setting { name, value, allowed })
        };
        if self.frame != Duration::from_millis(10) && self.frame != Duration::from_millis(20) {
            return refuse("frame", self.frame, "10 or 20 ms");
        }
        if self.max_delay > LONGEST || self.max_delay < Duration::from_millis(20) {
            return refuse("max_delay", self.max_delay, "20 to 2,000 ms");
        }
        if self.min_delay > self.max_delay {
            return refuse("min_delay", self.min_delay, "at most max_delay");
        }
        if self.initial_delay > self.max_delay {
            return refuse("initial_delay", self.initial_delay, "at most max_delay");
        }
        Ok(())
    }
}
