//! A change of rate by a ratio that may vary while it runs.

use super::{Format, SoundError};
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Adjustable as _, Async, FixedAsync, Resampler as _, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};
use std::fmt;

/// By how much the ratio may be changed while it runs, either way.
const ADJUSTABLE: f64 = 1.01;

/// Turns PCM of one rate into PCM of another, a chunk of fixed length out at a time; how much goes in is
/// told by [`Resampler::needed`].
pub struct Resampler {
    inner: Async<f32>,
    channels: usize,
    chunk: usize,
    ratio: f64,
    out: Vec<f32>,
}

impl Resampler {
    /// From one rate to another; `chunk` is the samples a channel that each call gives, 1 to 48,000.
    ///
    /// # Errors
    /// Rates outside of 8,000 to 192,000, and a chunk that is empty or longer than a second.
    pub fn new(from: u32, to: u32, channels: u8, chunk: usize) -> Result<Self, SoundError> {
        for rate in [from, to] {
            if !(8_000..=192_000).contains(&rate) {
                return Err(SoundError::SampleRate(rate));
            }
        }
        if !matches!(channels, 1 | 2) {
            return Err(SoundError::Channels(channels));
        }
        if chunk > 48_000 {
            return Err(SoundError::Resampler("a chunk is at most 48,000 samples".to_owned()));
        }
        Self::build(f64::from(to) / f64::from(from), usize::from(channels), chunk, quality(64))
    }

    /// One that leaves the rate as it is but for the few hundred ppm by which two clocks differ.
    pub(crate) fn for_drift(format: Format, chunk: usize) -> Result<Self, SoundError> {
        Self::build(1.0, format.width(), chunk, quality(32).f_cutoff(1.0))
    }

    fn build(
        ratio: f64,
        channels: usize,
        chunk: usize,
        quality: SincInterpolationParameters,
    ) -> Result<Self, SoundError> {
        let inner = Async::new_sinc(ratio, ADJUSTABLE, &quality, chunk, channels, FixedAsync::Output);
        let inner = inner.map_err(|error| SoundError::Resampler(error.to_string()))?;
        Ok(Self { inner, channels, chunk, ratio, out: vec![0.0; chunk * channels] })
    }

    /// Samples a channel that the next call takes.
    pub fn needed(&self) -> usize {
        self.inner.input_frames_next()
    }

    /// Makes the output slower or faster by so many parts in a million, 10,000 at most: with 100 it takes
    /// 100 samples in a million more than without.
    pub fn adjust(&mut self, ppm: f64) {
        let ratio = self.ratio / (1.0 + ppm.clamp(-9_000.0, 9_000.0) / 1e6);
        // Within the bounds that it was made with, so it cannot refuse.
        let _ = self.inner.set_resample_ratio(ratio, true);
    }

    /// One chunk out of [`Resampler::needed`] samples a channel, interleaved.
    ///
    /// # Errors
    /// Input that is shorter.
    pub fn process(&mut self, input: &[f32]) -> Result<&[f32], SoundError> {
        let refused = |error: &dyn fmt::Display| SoundError::Resampler(error.to_string());
        let input = InterleavedSlice::new(input, self.channels, input.len() / self.channels.max(1))
            .map_err(|error| refused(&error))?;
        let mut out = InterleavedSlice::new_mut(&mut self.out, self.channels, self.chunk)
            .map_err(|error| refused(&error))?;
        self.inner.process_into_buffer(&input, &mut out, None).map_err(|error| refused(&error))?;
        Ok(&self.out)
    }
}

fn quality(length: usize) -> SincInterpolationParameters {
    SincInterpolationParameters::new(length, WindowFunction::BlackmanHarris2)
        .oversampling_factor(128)
        .interpolation(SincInterpolationType::Linear)
}

impl fmt::Debug for Resampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inner: _, channels, chunk, ratio, out: _ } = self;
        f.debug_struct("Resampler")
            .field("ratio", ratio)
            .field("channels", channels)
            .field("chunk", chunk)
            .finish()
    }
}
