//! A ratio that varies while it runs.

use crate::sound::SoundError;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Adjustable as _, Async, FixedAsync, Resampler as _, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};
use std::fmt;

/// By how much the ratio may be changed while it runs, either way.
const ADJUSTABLE: f64 = 1.01;

/// Gives chunks of a fixed length; how much goes into the next is told by [`Varying::needed`].
pub(crate) struct Varying {
    inner: Async<f32>,
    channels: usize,
    chunk: usize,
    ratio: f64,
    out: Vec<f32>,
}

impl Varying {
    /// `ratio` is what goes out for one that goes in; `length` that of the filter, in samples.
    pub(super) fn new(ratio: f64, channels: usize, chunk: usize, length: usize) -> Result<Self, SoundError> {
        let quality = SincInterpolationParameters::new(length, WindowFunction::BlackmanHarris2)
            .oversampling_factor(128)
            .interpolation(SincInterpolationType::Linear);
        // Two clocks differ by so little that there is nothing to keep out.
        let quality = if ratio == 1.0 { quality.f_cutoff(1.0) } else { quality };
        let inner = Async::new_sinc(ratio, ADJUSTABLE, &quality, chunk, channels, FixedAsync::Output);
        let inner = inner.map_err(|error| SoundError::Resampler(error.to_string()))?;
        Ok(Self { inner, channels, chunk, ratio, out: vec![0.0; chunk * channels] })
    }

    /// Samples a channel that the next call takes.
    pub(crate) fn needed(&self) -> usize {
        self.inner.input_frames_next()
    }

    /// Makes the output slower or faster by so many parts in a million, 10,000 at most: with 100 it takes
    /// 100 samples in a million more than without.
    pub(crate) fn adjust(&mut self, ppm: f64) {
        let ratio = self.ratio / (1.0 + ppm.clamp(-9_000.0, 9_000.0) / 1e6);
        // Within the bounds that it was made with, so it cannot refuse.
        let _ = self.inner.set_resample_ratio(ratio, true);
    }

    /// Samples a channel by which the output is behind. The library steps before it reads, so that its first
    /// output is one sample further than it tells.
    pub(super) fn delay(&self) -> usize {
        self.inner.output_delay().saturating_sub(1)
    }

    /// Begins anew.
    pub(super) fn reset(&mut self) {
        self.inner.reset();
    }

    /// One chunk out of [`Varying::needed`] samples a channel, interleaved.
    ///
    /// # Errors
    /// Input that is shorter.
    pub(crate) fn process(&mut self, input: &[f32]) -> Result<&[f32], SoundError> {
        let refused = |error: &dyn fmt::Display| SoundError::Resampler(error.to_string());
        let input = InterleavedSlice::new(input, self.channels, input.len() / self.channels.max(1))
            .map_err(|error| refused(&error))?;
        let mut out = InterleavedSlice::new_mut(&mut self.out, self.channels, self.chunk)
            .map_err(|error| refused(&error))?;
        self.inner.process_into_buffer(&input, &mut out, None).map_err(|error| refused(&error))?;
        Ok(&self.out)
    }
}

impl fmt::Debug for Varying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inner: _, channels, chunk, ratio, out: _ } = self;
        f.debug_struct("Varying")
            .field("ratio", ratio)
            .field("channels", channels)
            .field("chunk", chunk)
            .finish()
    }
}
