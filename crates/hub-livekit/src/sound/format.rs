//! Rate and channels of PCM.

use super::SoundError;

/// What 16-bit PCM looks like on the caller's side. Several channels are interleaved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Format {
    rate: u32,
    channels: u8,
}

impl Format {
    /// Checks both.
    ///
    /// # Errors
    /// Rates other than 48,000, 24,000 and 16,000, and channels other than 1 and 2.
    pub const fn new(rate: u32, channels: u8) -> Result<Self, SoundError> {
        if !matches!(rate, 48_000 | 24_000 | 16_000) {
            return Err(SoundError::SampleRate(rate));
        }
        if !matches!(channels, 1 | 2) {
            return Err(SoundError::Channels(channels));
        }
        Ok(Self { rate, channels })
    }

    /// Samples a second of each channel.
    pub const fn rate(self) -> u32 {
        self.rate
    }

    /// One or two.
    pub const fn channels(self) -> u8 {
        self.channels
    }

    /// Channels as a length.
    pub(crate) const fn width(self) -> usize {
        self.channels as usize
    }

    /// Ticks of the RTP clock in one sample.
    pub(crate) const fn ticks_per_sample(self) -> i64 {
        48_000 / self.rate as i64
    }

    /// Samples a channel in so many ticks of the RTP clock, rounded down.
    pub(crate) const fn samples(self, ticks: i64) -> usize {
        if ticks <= 0 { 0 } else { (ticks / self.ticks_per_sample()) as usize }
    }

    /// Ticks of the RTP clock in so many samples a channel.
    pub(crate) const fn ticks(self, samples: usize) -> i64 {
        samples as i64 * self.ticks_per_sample()
    }
}
