//! Decoded sound that waits to be played, with a little of what was played before it.

use super::similarity::{Period, period};
use crate::sound::Format;

/// What was played is kept for this long, in parts of a second: 20 ms.
const KEPT: u32 = 50;

/// Interleaved samples between -1 and 1. Lengths are samples a channel.
#[derive(Debug)]
pub(crate) struct Pcm {
    format: Format,
    samples: Vec<f32>,
    /// Interleaved samples that were played.
    read: usize,
}

impl Pcm {
    pub(crate) fn new(format: Format) -> Self {
        let kept = (format.rate() / KEPT) as usize * format.width();
        Self { format, samples: vec![0.0; kept], read: kept }
    }

    /// Samples that wait.
    pub(crate) fn len(&self) -> usize {
        (self.samples.len() - self.read) / self.format.width()
    }

    /// What waits.
    pub(crate) fn waiting(&self) -> &[f32] {
        self.samples.get(self.read..).unwrap_or_default()
    }

    /// Adds sound; `gain` tells by how much the sample of that number, counted from 0, is louder.
    pub(crate) fn push(&mut self, pcm: &[i16], gain: impl Fn(usize) -> f32) {
        let width = self.format.width();
        let scaled = pcm.iter().enumerate();
        self.samples
            .extend(scaled.map(|(index, &sample)| f32::from(sample) / 32_768.0 * gain(index / width)));
    }

    /// Marks so much as played.
    pub(crate) fn consume(&mut self, samples: usize) {
        self.read = (self.read + samples * self.format.width()).min(self.samples.len());
        let kept = (self.format.rate() / KEPT) as usize * self.format.width();
        if self.read > 8 * kept {
            self.samples.drain(..self.read - kept);
            self.read = kept;
        }
    }

    /// Throws away what waits.
    pub(crate) fn clear(&mut self) {
        self.samples.truncate(self.read);
    }

    /// Takes out one period of at most `most` where that is inaudible, or anywhere when it `must` be, and
    /// tells how much.
    pub(crate) fn shorten(&mut self, most: usize, must: bool) -> usize {
        let mut mono = mono(self.waiting(), self.format.width());
        let window = mono.len() / 2;
        mono.truncate(window + most);
        let Some(found) = audible(period(&mono, self.format.rate(), 0, window, false), must) else {
            return 0;
        };
        let cut = found * self.format.width();
        if self.len() < 2 * found {
            return 0;
        }
        fade(&mut self.samples, self.read, self.read + cut, self.read, cut, self.format.width());
        self.samples.drain(self.read + cut..self.read + 2 * cut);
        found
    }

    /// Puts in one period where that is inaudible, or anywhere when it `must` be, and tells how much.
    pub(crate) fn lengthen(&mut self, must: bool) -> usize {
        let width = self.format.width();
        let kept = (self.format.rate() / KEPT) as usize;
        let Some(begin) = self.read.checked_sub(kept * width) else { return 0 };
        let mono = mono(self.samples.get(begin..).unwrap_or_default(), width);
        let window = self.len().min(kept);
        let Some(found) = audible(period(&mono, self.format.rate(), kept, window, true), must) else {
            return 0;
        };
        if self.len() < found {
            return 0;
        }
        // From what comes next into what was just played, which leads to what comes next.
        let added = found * width;
        let place = self.read;
        let repeated: Vec<f32> =
            self.samples.get(place - added..).unwrap_or_default().iter().take(2 * added).copied().collect();
        let mut faded = repeated;
        fade(&mut faded, added, 0, added, added, width);
        faded.drain(..added);
        self.samples.splice(place..place, faded);
        found
    }
}

fn audible(found: Option<Period>, must: bool) -> Option<usize> {
    found.filter(|period| must || period.inaudible).map(|period| period.lag)
}

fn mono(samples: &[f32], width: usize) -> Vec<f32> {
    if width == 1 {
        return samples.to_vec();
    }
    samples.chunks_exact(width).map(|frame| frame.iter().sum::<f32>() / width as f32).collect()
}

/// Writes at `into` the `length` samples at `from`, going over into those at `to`.
fn fade(samples: &mut [f32], from: usize, to: usize, into: usize, length: usize, width: usize) {
    let steps = (length / width).max(1) as f32;
    for index in 0..length {
        let share = ((index / width) as f32 + 0.5) / steps;
        let (Some(&old), Some(&new)) = (samples.get(from + index), samples.get(to + index)) else { return };
        if let Some(place) = samples.get_mut(into + index) {
            *place = old * (1.0 - share) + new * share;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(format: Format, hertz: f32, samples: usize) -> Vec<i16> {
        let turn = std::f32::consts::TAU * hertz / format.rate() as f32;
        let one = |index: usize| ((turn * index as f32).sin() * 16_000.0) as i16;
        (0..samples).flat_map(|index| vec![one(index); format.width()]).collect()
    }

    fn largest_jump(samples: &[f32], width: usize) -> f32 {
        let pairs = samples.iter().zip(samples.iter().skip(width));
        pairs.map(|(one, next)| (one - next).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn a_tone_is_made_shorter_and_longer_without_a_click() {
        for (rate, channels) in [(48_000, 1), (24_000, 2), (16_000, 1)] {
            let format = Format::new(rate, channels).unwrap();
            let sound = tone(format, 210.0, rate as usize / 10);
            let whole = largest_jump(
                &sound.iter().map(|&s| f32::from(s) / 32_768.0).collect::<Vec<_>>(),
                format.width(),
            );
            let mut pcm = Pcm::new(format);
            pcm.push(&sound, |_| 1.0);
            pcm.consume(rate as usize / 25);
            let before = pcm.len();
            let removed = pcm.shorten(usize::MAX / 2, false);
            assert!(removed > 0);
            assert_eq!(pcm.len(), before - removed);
            let added = pcm.lengthen(false);
            assert!(added > 0);
            assert_eq!(pcm.len(), before - removed + added);
            // The first sample after the silence before the tone is part of the tone.
            let kept = rate as usize / 50 * format.width();
            let jump = largest_jump(&pcm.samples[kept..], format.width());
            assert!(jump <= whole * 1.03, "{jump} {whole}");
        }
    }

    #[test]
    fn noise_is_left_alone_unless_it_must_be_cut() {
        let format = Format::new(16_000, 1).unwrap();
        let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        let states = std::iter::successors(Some(1_u32), next);
        let noise: Vec<i16> = states.take(1_600).map(|state| (state >> 16) as i16).collect();
        let mut pcm = Pcm::new(format);
        pcm.push(&noise, |_| 1.0);
        assert_eq!(pcm.shorten(usize::MAX / 2, false), 0);
        assert!(pcm.shorten(usize::MAX / 2, true) > 0);
    }
}
