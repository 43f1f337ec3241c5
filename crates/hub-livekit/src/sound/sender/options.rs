//! What a caller may ask of a sender.

use crate::sound::codec::{Encoding, Tuning};
use crate::sound::{Format, SoundError};
use std::time::Duration;

/// More than this is no queue but a store.
const LONGEST: Duration = Duration::from_secs(600);
/// Copies that RED's header can tell of 20 ms packets would be 17; nobody gains by more than four.
const FARTHEST: u8 = 4;

/// Settings of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderOptions {
    /// What is pushed: 48, 24 or 16 kHz, mono or stereo.
    pub format: Format,
    /// Bits a second, 6,000 to 510,000, without RED. 32,000 by default.
    pub bitrate: u32,
    /// CPU that the encoder may spend, 0 to 10. 0 by default: 9 costs three times as much and is worth a quarter
    /// of a grade (PESQ) of speech, about what 16,000 bits a second more are (benchmark `sound`).
    pub complexity: u8,
    /// Speech by default. The transform layer alone costs half of it and keeps the wave better, but speech is
    /// a grade worse (PESQ) through it at this bitrate, and it takes 64,000 bits a second to come near.
    pub tuning: Tuning,
    /// Each packet carries a coarse copy of the one before inside the codec. Off by default: RED does more.
    pub fec: bool,
    /// Nothing is sent while there is silence. On by default.
    pub dtx: bool,
    /// Earlier frames that each packet repeats, RFC 2198; 0 is plain Opus, 4 the most. 1 by default.
    pub red_distance: u8,
    /// The RTP payload type of Opus, which RED names inside; 0 to 127. 111 by default.
    pub payload_type: u8,
    /// Sound that may be queued. 30 s by default, 600 s at most.
    pub queue: Duration,
    /// Timestamp of the first packet. 0 by default; RFC 3550 wants a random one, which the caller draws.
    pub timestamp: u32,
}

impl SenderOptions {
    /// The defaults for a format.
    pub const fn new(format: Format) -> Self {
        Self {
            format,
            bitrate: 32_000,
            complexity: 0,
            tuning: Tuning::Speech,
            fec: false,
            dtx: true,
            red_distance: 1,
            payload_type: 111,
            queue: Duration::from_secs(30),
            timestamp: 0,
        }
    }

    /// How the codec is to encode.
    pub(super) const fn encoding(&self) -> Encoding {
        let Self { bitrate, complexity, tuning, fec, .. } = *self;
        Encoding { bitrate, complexity, tuning, fec }
    }

    pub(super) fn check(&self) -> Result<(), SoundError> {
        let refuse = |name, value: i64, allowed| Err(SoundError::Setting { name, value, allowed });
        if !(6_000..=510_000).contains(&self.bitrate) {
            return refuse("bitrate", self.bitrate.into(), "6,000 to 510,000 bits a second");
        }
        if self.complexity > 10 {
            return refuse("complexity", self.complexity.into(), "0 to 10");
        }
        if self.red_distance > FARTHEST {
            return refuse("red_distance", self.red_distance.into(), "0 to 4 frames");
        }
        if self.payload_type > 127 {
            return refuse("payload_type", self.payload_type.into(), "0 to 127");
        }
        if self.queue > LONGEST || self.queue < Duration::from_millis(20) {
            let value = i64::try_from(self.queue.as_millis()).unwrap_or(i64::MAX);
            return refuse("queue", value, "20 to 600,000 ms");
        }
        Ok(())
    }
}
