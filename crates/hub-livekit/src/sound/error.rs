//! What sound cannot do.

use thiserror::Error;

/// Why a receiver, a sender or a resampler cannot be made, or a codec refuses.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SoundError {
    /// The rate of the PCM is none that Opus has.
    #[error("{0} samples a second: 48000, 24000 and 16000 are supported")]
    SampleRate(u32),
    /// Neither mono nor stereo.
    #[error("{0} channels: 1 and 2 are supported")]
    Channels(u8),
    /// A setting is outside of what it may be.
    #[error("{name} is {value}: {allowed}")]
    Setting {
        /// The field of the options.
        name: &'static str,
        /// What it was set to.
        value: i64,
        /// What it may be, with the unit.
        allowed: &'static str,
    },
    /// The codec refused a packet or a frame.
    #[error("the Opus codec: {0}")]
    Codec(&'static str),
    /// The resampler refused a ratio or a length.
    #[error("the resampler: {0}")]
    Resampler(String),
}

/// The queue of a sender has no room for what was pushed; nothing of it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the queue holds {queued} of at most {limit} samples a channel: {refused} more do not fit")]
pub struct QueueFull {
    /// Samples a channel that wait to be sent.
    pub queued: u64,
    /// Samples a channel that may wait.
    pub limit: u64,
    /// Samples a channel that were refused.
    pub refused: u64,
}
