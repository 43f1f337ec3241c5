//! Where sound repeats itself.

use super::{ALIKE, LONGEST, QUIET, SHORTEST};

/// The distance at which sound is most like itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Period {
    /// Samples a channel.
    pub(crate) lag: usize,
    /// Nobody will hear a cut by this length.
    pub(crate) inaudible: bool,
}

/// Compares the `window` samples at `here` with those that are a lag later (or `earlier`), for each lag
/// that is a pitch and that `signal`, one channel, has room for.
pub(crate) fn period(signal: &[f32], rate: u32, here: usize, window: usize, earlier: bool) -> Option<Period> {
    let room = if earlier { here } else { signal.len().checked_sub(here + window)? };
    let longest = ((rate / LONGEST) as usize).min(room);
    let shortest = (rate / SHORTEST) as usize;
    // A coarse look at 8,000 samples a second, then a fine one around the best of it.
    let step = (rate / 8_000).max(1) as usize;
    let coarse: Vec<f32> = signal.chunks(step).map(|chunk| chunk.iter().sum::<f32>()).collect();
    let lags = (shortest / step).max(1)..=longest / step;
    let (found, _) = best(&coarse, lags, here / step, window / step, earlier)?;
    let near = (found * step).saturating_sub(step).max(shortest)..=(found * step + step).min(longest);
    let (lag, likeness) = best(signal, near, here, window, earlier)?;
    let heard = signal.get(here..here + window)?;
    let power = heard.iter().map(|sample| sample * sample).sum::<f32>() / window.max(1) as f32;
    Some(Period { lag, inaudible: likeness > ALIKE || power < QUIET })
}

fn best(
    signal: &[f32],
    lags: std::ops::RangeInclusive<usize>,
    here: usize,
    window: usize,
    earlier: bool,
) -> Option<(usize, f32)> {
    let fixed = signal.get(here..here + window)?;
    let likenesses = lags.filter_map(|lag| {
        let start = if earlier { here.checked_sub(lag)? } else { here + lag };
        Some((lag, likeness(fixed, signal.get(start..start + window)?)))
    });
    likenesses.max_by(|one, other| one.1.total_cmp(&other.1))
}

/// Normalised cross-correlation, -1 to 1.
fn likeness(one: &[f32], other: &[f32]) -> f32 {
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (a, b) in one.iter().zip(other) {
        both += a * b;
        first += a * a;
        second += b * b;
    }
    let power = (first * second).sqrt();
    if power > f32::MIN_POSITIVE { both / power } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_period_of_a_tone_is_found_both_ways() {
        let tone = |rate: u32, hertz: f32| {
            let turn = std::f32::consts::TAU * hertz / rate as f32;
            (0..rate as usize / 20).map(|index| (turn * index as f32).sin()).collect::<Vec<f32>>()
        };
        for rate in [16_000, 24_000, 48_000] {
            for hertz in [90.0_f32, 125.0, 333.0] {
                let signal = tone(rate, hertz);
                for earlier in [false, true] {
                    let found = period(&signal, rate, signal.len() / 3, signal.len() / 3, earlier).unwrap();
                    let cycles = found.lag as f32 * hertz / rate as f32;
                    assert!((cycles - cycles.round()).abs() < 0.03, "{rate} {hertz} {earlier}: {cycles}");
                    assert!(found.inaudible);
                }
            }
        }
    }

    #[test]
    fn noise_has_no_period_and_silence_has_any() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        let signal: Vec<f32> = (0..2_400).map(|_| noise()).collect();
        assert!(!period(&signal, 48_000, 0, 960, false).unwrap().inaudible);
        assert!(period(&[0.0; 2_400], 48_000, 0, 960, false).unwrap().inaudible);
    }
}
