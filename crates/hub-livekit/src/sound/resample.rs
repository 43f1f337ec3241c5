//! A change of rate.

mod varying;

use super::{Format, SoundError};
use std::collections::VecDeque;
pub(crate) use varying::Varying;

/// Length of the filter. With 144 samples it is flat up to nine tenths of the band, and its delay is a whole
/// number of samples between 48, 24 and 16 kHz.
const LENGTH: usize = 144;
/// For the drift of a clock; shorter, since it always runs.
const SHORT: usize = 32;

/// Turns PCM of one rate into PCM of another, in pieces of any length.
///
/// Sender and receiver need none of these for 48, 24 and 16 kHz: Opus has these rates itself. It is for PCM
/// that comes at another rate, such as 44,100.
#[derive(Debug)]
pub struct Resampler {
    inner: Varying,
    from: u32,
    to: u32,
    width: usize,
    waiting: VecDeque<f32>,
    scratch: Vec<f32>,
    /// Samples a channel of the beginning that are the filter's own.
    skip: usize,
    /// Samples a channel that came and went.
    taken: u64,
    given: u64,
}

impl Resampler {
    /// From one rate to another, 8,000 to 192,000 samples a second, for one channel or two.
    ///
    /// # Errors
    /// Other rates and other channels.
    pub fn new(from: u32, to: u32, channels: u8) -> Result<Self, SoundError> {
        for rate in [from, to] {
            if !(8_000..=192_000).contains(&rate) {
                return Err(SoundError::SampleRate(rate));
            }
        }
        if !matches!(channels, 1 | 2) {
            return Err(SoundError::Channels(channels));
        }
        let width = usize::from(channels);
        let chunk = to as usize / 100;
        let inner = Varying::new(f64::from(to) / f64::from(from), width, chunk, LENGTH)?;
        let skip = inner.delay();
        let (waiting, scratch) = (VecDeque::new(), Vec::new());
        Ok(Self { inner, from, to, width, waiting, scratch, skip, taken: 0, given: 0 })
    }

    /// Takes interleaved PCM and gives what is ready, which begins a few milliseconds late; nothing is lost or
    /// doubled between two calls. Half a stereo sample waits for its other half.
    ///
    /// # Errors
    /// None that lengths or samples can cause; the library's own are passed on.
    pub fn process(&mut self, samples: &[i16]) -> Result<Vec<i16>, SoundError> {
        self.taken += samples.len() as u64;
        self.waiting.extend(samples.iter().map(|&sample| f32::from(sample) / 32_768.0));
        let mut out = Vec::new();
        loop {
            let needed = self.inner.needed() * self.width;
            if self.waiting.len() < needed {
                return Ok(out);
            }
            self.scratch.clear();
            self.scratch.extend(self.waiting.drain(..needed));
            let chunk = self.inner.process(&self.scratch)?;
            let fresh = chunk.get(self.skip * self.width..).unwrap_or_default();
            self.skip = self.skip.saturating_sub(chunk.len() / self.width);
            self.given += fresh.len() as u64;
            out.extend(fresh.iter().map(|sample| (sample * 32_768.0).round() as i16));
        }
    }

    /// Gives the rest, so that in all there is as much as the rates say, and begins anew.
    ///
    /// # Errors
    /// As for [`Resampler::process`].
    pub fn finish(&mut self) -> Result<Vec<i16>, SoundError> {
        let width = self.width as u64;
        let samples = (self.taken / width * u64::from(self.to)).div_ceil(u64::from(self.from)) * width;
        let missing = usize::try_from(samples.saturating_sub(self.given)).unwrap_or(0);
        let mut out = Vec::new();
        let silence = vec![0; self.from as usize / 100 * self.width];
        while out.len() < missing {
            out.extend(self.process(&silence)?);
        }
        out.truncate(missing);
        self.inner.reset();
        self.waiting.clear();
        (self.skip, self.taken, self.given) = (self.inner.delay(), 0, 0);
        Ok(out)
    }
}

impl Varying {
    /// One that leaves the rate as it is but for the few hundred ppm by which two clocks differ.
    pub(crate) fn for_drift(format: Format, chunk: usize) -> Result<Self, SoundError> {
        Self::new(1.0, format.width(), chunk, SHORT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tone(rate: u32, hertz: f64, samples: usize) -> Vec<i16> {
        let turn = std::f64::consts::TAU * hertz / f64::from(rate);
        (0..samples).map(|index| ((turn * index as f64).sin() * 16_384.0) as i16).collect()
    }

    const RATES: [(u32, u32); 7] = [
        (48_000, 24_000),
        (48_000, 16_000),
        (24_000, 16_000),
        (16_000, 24_000),
        (24_000, 48_000),
        (16_000, 48_000),
        (44_100, 48_000),
    ];

    #[test]
    fn a_tone_stays_that_tone_at_every_rate() {
        for (from, to) in RATES {
            for hertz in [200.0, 1_000.0, 5_000.0] {
                let mut resampler = Resampler::new(from, to, 1).unwrap();
                let mut heard = resampler.process(&tone(from, hertz, from as usize)).unwrap();
                heard.extend(resampler.finish().unwrap());
                assert_eq!(heard.len(), to as usize);
                let decibels = signal_to_noise(&heard, to, hertz);
                assert!(decibels > 60.0, "{from} to {to}, {hertz} Hz: {decibels}");
            }
        }
    }

    /// Power of the tone, of any phase, against that of all else in the middle half second, in dB.
    fn signal_to_noise(heard: &[i16], rate: u32, hertz: f64) -> f64 {
        let turn = std::f64::consts::TAU * hertz / f64::from(rate);
        let middle = &heard[rate as usize / 4..rate as usize * 3 / 4];
        let (mut sine, mut cosine, mut power) = (0.0, 0.0, 0.0);
        for (index, &sample) in middle.iter().enumerate() {
            let (sample, (s, c)) = (f64::from(sample), (turn * index as f64).sin_cos());
            sine += sample * s;
            cosine += sample * c;
            power += sample * sample;
        }
        let signal = 2.0 * (sine * sine + cosine * cosine) / middle.len() as f64;
        assert!((signal / power - 1.0).abs() < 0.01 && power > 1e8 * middle.len() as f64);
        10.0 * (signal / (power - signal).abs()).log10()
    }

    #[test]
    fn a_click_stays_where_it_is() {
        for (from, to) in RATES {
            let mut resampler = Resampler::new(from, to, 1).unwrap();
            let mut click = vec![0; from as usize / 2];
            click[from as usize / 10] = 30_000;
            let mut heard = resampler.process(&click).unwrap();
            heard.extend(resampler.finish().unwrap());
            let loudest = (0..heard.len()).max_by_key(|&index| heard[index]).unwrap();
            assert!(
                loudest.abs_diff(to as usize / 10) <= usize::from(from == 44_100),
                "{from} {to}: {loudest}"
            );
        }
    }

    #[test]
    fn what_the_new_rate_cannot_hold_is_kept_out() {
        let mut resampler = Resampler::new(48_000, 16_000, 1).unwrap();
        let heard = resampler.process(&tone(48_000, 10_000.0, 48_000)).unwrap();
        assert!(heard.iter().skip(500).all(|sample| sample.abs() < 20), "{:?}", heard.iter().skip(500).max());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// However it is cut, in whatever odd pieces, the same comes out, and as much as the rates say.
        #[test]
        fn pieces_of_any_length_give_the_same(
            pieces in proptest::collection::vec(0_usize..700, 1..30),
            stereo: bool,
            rates in prop_oneof![Just((48_000, 16_000)), Just((24_000, 48_000)), Just((44_100, 48_000))],
        ) {
            let channels = if stereo { 2 } else { 1 };
            let whole: usize = pieces.iter().sum::<usize>() / channels * channels;
            let sound = tone(rates.0, 440.0, whole);
            let (mut cut, mut at_once) = (Vec::new(), Resampler::new(rates.0, rates.1, channels as u8).unwrap());
            let mut resampler = Resampler::new(rates.0, rates.1, channels as u8).unwrap();
            let mut rest = &sound[..];
            for piece in pieces {
                let (now, later) = rest.split_at(piece.min(rest.len()));
                cut.extend(resampler.process(now).unwrap());
                rest = later;
            }
            cut.extend(resampler.finish().unwrap());
            let mut all = at_once.process(&sound).unwrap();
            all.extend(at_once.finish().unwrap());
            prop_assert_eq!(&cut, &all);
            let expected = (whole / channels * rates.1 as usize).div_ceil(rates.0 as usize) * channels;
            prop_assert_eq!(cut.len(), expected);
        }
    }
}
