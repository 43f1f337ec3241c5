//! How late packets come, and the delay that has room for nearly all of them.
//!
//! The method is that of Moon, Kurose and Towsley ("Packet audio playout delay adjustment: performance
//! bounds and algorithms", Multimedia Systems 6, 1998): the delays of the last packets are kept, and the
//! delay of playing is a quantile of them. Their packets set the delay anew at each stretch of speech;
//! here it is followed all the time, since sound can be stretched. A packet that is restored out of a later
//! one counts with the delay of that one: it is what its sound had to wait.

use std::collections::VecDeque;

/// Packets that are remembered: 20 s of them.
const WINDOW: usize = 1_000;
/// Of these, the last that tell the shortest way: the newer ones, so that a way that became longer is
/// believed after 10 s.
const RECENT: usize = 500;
/// The share of packets that may come too late, one in this many.
const LATE_ONE_IN: usize = 250;
/// Packets between two looks at the quantile.
const EVERY: usize = 8;
/// Until this many have come, the delay at the start counts too, less and less.
const TRUSTED: i64 = 100;

/// The transits of the last packets, in ticks: arrival less timestamp, by clocks that have nothing to do
/// with each other, so that only differences mean something.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    transits: VecDeque<i64>,
    scratch: Vec<i64>,
    shortest: Option<i64>,
    quantile: i64,
    unseen: usize,
    count: i64,
}

impl Arrivals {
    /// Takes note of a packet.
    pub(crate) fn record(&mut self, transit: i64) {
        if self.transits.len() == WINDOW {
            self.transits.pop_front();
        }
        self.transits.push_back(transit);
        self.count = self.count.saturating_add(1);
        self.unseen += 1;
        let faster = self.shortest.is_none_or(|shortest| transit < shortest);
        if faster {
            self.shortest = Some(transit);
        }
        if faster || self.unseen >= EVERY || self.transits.len() < EVERY {
            self.look();
        }
    }

    /// Forgets the ways of before.
    pub(crate) fn reset(&mut self) {
        self.transits.clear();
        self.shortest = None;
        self.unseen = 0;
    }

    /// The transit of the fastest packet of late.
    pub(crate) fn shortest(&self) -> Option<i64> {
        self.shortest
    }

    /// How long after the fastest packet sound is to be played: so that about one packet in 250
    /// comes later than that. `initial` is what is waited while little is known.
    pub(crate) fn wanted(&self, initial: i64) -> i64 {
        let spread = self.shortest.map_or(0, |shortest| self.quantile - shortest);
        let unknown = initial * (TRUSTED - self.count.min(TRUSTED)) / TRUSTED;
        spread.max(unknown)
    }

    fn look(&mut self) {
        self.unseen = 0;
        self.shortest = self.transits.iter().rev().take(RECENT).min().copied();
        self.scratch.clear();
        self.scratch.extend(&self.transits);
        let tail = self.scratch.len() / LATE_ONE_IN;
        let place = self.scratch.len().saturating_sub(1 + tail);
        if place < self.scratch.len() {
            let (_, at, _) = self.scratch.select_nth_unstable(place);
            self.quantile = *at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_250_may_be_later() {
        let mut arrivals = Arrivals::default();
        for index in 0..5_000 {
            arrivals.record(7_000 + if index % 500 == 3 { 9_000 } else { index % 100 });
        }
        assert_eq!(arrivals.shortest(), Some(7_000));
        assert!((97..=99).contains(&arrivals.wanted(1_920)), "{}", arrivals.wanted(1_920));
    }

    #[test]
    fn a_way_that_became_longer_is_believed_after_ten_seconds() {
        let mut arrivals = Arrivals::default();
        for index in 0..1_000 {
            arrivals.record(index % 3);
        }
        for index in 0..400 {
            arrivals.record(2_400 + index % 3);
        }
        assert_eq!(arrivals.shortest(), Some(0));
        assert_eq!(arrivals.wanted(0), 2_402, "meanwhile they are waited for");
        for index in 0..700 {
            arrivals.record(2_400 + index % 3);
        }
        assert_eq!(arrivals.shortest(), Some(2_400));
        assert_eq!(arrivals.wanted(0), 2);
    }

    #[test]
    fn the_start_is_careful_and_gets_bolder() {
        let mut arrivals = Arrivals::default();
        assert_eq!(arrivals.wanted(1_920), 1_920);
        (0..50).for_each(|_| arrivals.record(5));
        assert_eq!(arrivals.wanted(1_920), 960);
        (0..50).for_each(|_| arrivals.record(5));
        assert_eq!(arrivals.wanted(1_920), 0);
    }
}
