//! By how much the sender's clock is faster than ours.
//!
//! The fastest packet of each five seconds had next to nothing to wait for, so the line through these is the
//! difference of the clocks; waiting in queues only ever adds.

use super::ticks::{MILLISECOND, SECOND};
use std::collections::VecDeque;

/// The time in which the fastest packet is looked for.
const SLOT: i64 = 5 * SECOND;
/// Fewer slots tell nothing: 30 s.
const FEWEST: usize = 6;
/// Slots that are remembered: six minutes.
const MOST: usize = 72;
/// A packet that is off the line by more than this has another way, not another clock.
const STEP: f64 = (4 * MILLISECOND) as f64;
/// Crystals differ by 100; what says more than this is no crystal.
const LIMIT_PPM: f64 = 1_000.0;

/// The estimate.
#[derive(Debug, Default)]
pub(crate) struct Drift {
    slots: VecDeque<(f64, f64)>,
    /// Begin of the slot, and when its fastest packet came with which transit.
    current: Option<(i64, i64, i64)>,
    astray: u8,
    ppm: f64,
}

impl Drift {
    /// Takes note of a packet: when it came, and its arrival less its timestamp.
    pub(crate) fn record(&mut self, arrived: i64, transit: i64) {
        match &mut self.current {
            Some((begin, _, _)) if arrived - *begin >= SLOT => {
                self.close();
                self.current = Some((arrived, arrived, transit));
            }
            Some((_, at, fastest)) if transit < *fastest => (*at, *fastest) = (arrived, transit),
            Some(_) => {}
            None => self.current = Some((arrived, arrived, transit)),
        }
    }

    /// Parts in a million by which the sender is faster; 0 until it is known.
    pub(crate) fn ppm(&self) -> f64 {
        self.ppm
    }

    /// Another time line begins, by the same clocks or not: the estimate holds until there is a better.
    pub(crate) fn restart(&mut self) {
        self.slots.clear();
        self.current = None;
        self.astray = 0;
    }

    fn close(&mut self) {
        let Some((_, at, fastest)) = self.current.take() else { return };
        let point = (at as f64, fastest as f64);
        if let Some((slope, level, middle)) = line(&self.slots) {
            let off = (point.1 - level - slope * (point.0 - middle)).abs();
            if off > STEP {
                self.astray += 1;
                if self.astray > 2 {
                    self.restart();
                }
                return;
            }
        }
        self.astray = 0;
        if self.slots.len() == MOST {
            self.slots.pop_front();
        }
        self.slots.push_back(point);
        if let Some((slope, _, _)) = line(&self.slots) {
            self.ppm = (-slope * 1e6).clamp(-LIMIT_PPM, LIMIT_PPM);
        }
    }
}

/// Slope, mean and mean time of the line of least squares.
fn line(points: &VecDeque<(f64, f64)>) -> Option<(f64, f64, f64)> {
    if points.len() < FEWEST {
        return None;
    }
    let count = points.len() as f64;
    let middle = points.iter().map(|point| point.0).sum::<f64>() / count;
    let level = points.iter().map(|point| point.1).sum::<f64>() / count;
    let (mut both, mut square) = (0.0, 0.0);
    for (time, transit) in points {
        both += (time - middle) * (transit - level);
        square += (time - middle) * (time - middle);
    }
    (square > 0.0).then(|| (both / square, level, middle))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets of so many seconds by a sender that is faster by `ppm`, each late by what `late` says.
    fn run(drift: &mut Drift, seconds: i64, ppm: f64, late: impl Fn(i64) -> i64) {
        for index in 0..seconds * 50 {
            let timestamp = index * 960;
            let sent = (timestamp as f64 / (1.0 + ppm / 1e6)) as i64;
            let arrived = sent + late(index);
            drift.record(arrived, arrived - timestamp);
        }
    }

    #[test]
    fn two_clocks_are_told_apart_within_a_minute() {
        for ppm in [-100.0, -20.0, 0.0, 35.0, 100.0] {
            let mut drift = Drift::default();
            // Up to 80 ms late, by a fixed mixture.
            run(&mut drift, 60, ppm, |index| index * 7_919 % 3_840);
            assert!((drift.ppm() - ppm).abs() < 5.0, "{ppm}: {}", drift.ppm());
        }
    }

    #[test]
    fn another_way_is_not_another_clock() {
        let mut drift = Drift::default();
        run(&mut drift, 200, 50.0, |index| if index > 5_000 { 2_400 } else { 0 });
        assert!((drift.ppm() - 50.0).abs() < 2.0, "{}", drift.ppm());
    }
}
