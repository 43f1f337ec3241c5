//! What is done with a packet that comes.

use super::{Packet, Playing, Receiver, Stray};
use crate::sound::codec::MAX_PACKET_BYTES;
use crate::sound::jitter::Stored;
use crate::sound::opus_packet::{Shape, shape};
use crate::sound::red::{self, Block};
use crate::sound::ticks::{self, MILLISECOND, SECOND};

/// Packets that are later than the longest delay and this belong to another time line.
const TOO_LATE: i64 = 2 * SECOND;
/// So do those that are faster than the fastest by more than this.
const TOO_EARLY: i64 = -500 * MILLISECOND;
/// As for their number: a minute.
const NUMBERS: u64 = 3_000;
/// Two packets of that other time line agree when they differ by less than this.
const AGREE: i64 = 200 * MILLISECOND;
/// A sender that was silent and comes back this much later than before has stopped his clock meanwhile.
const STOPPED: i64 = 100 * MILLISECOND;

/// A packet, in ticks.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    sequence: u64,
    timestamp: i64,
    arrived: i64,
}

impl Arrival {
    fn transit(self) -> i64 {
        self.arrived - self.timestamp
    }
}

impl Receiver {
    /// Takes a packet: plain Opus, or RED (RFC 2198) with Opus in it. Nothing is wrong enough to be an error:
    /// what cannot be used is counted and forgotten.
    pub fn push(&mut self, packet: Packet<'_>, red: bool) {
        self.counts.received += 1;
        let blocks = if red { red::parse(packet.payload) } else { Ok(vec![plain(packet.payload)]) };
        let Ok(blocks) = blocks else {
            self.counts.malformed += 1;
            return;
        };
        let Some((newest, copies)) = blocks.split_last() else { return };
        let Some(shape) = usable(newest.payload) else {
            self.counts.malformed += 1;
            return;
        };
        let epoch = *self.epoch.get_or_insert(packet.arrived);
        let begun = self.arrivals.shortest().is_some();
        let arrival = Arrival {
            sequence: packet.sequence,
            timestamp: ticks::extend(packet.timestamp, if begun { self.newest } else { 0 }),
            arrived: ticks::between(epoch, packet.arrived),
        };
        if begun && self.is_elsewhere(arrival) && !self.begins_anew(arrival) {
            self.counts.refused += 1;
            return;
        }
        self.stray = None;
        if !self.seen.insert(packet.sequence) {
            self.counts.duplicate += 1;
            return;
        }
        self.newest = if begun { self.newest.max(arrival.timestamp) } else { arrival.timestamp };
        self.drift.record(arrival.arrived, arrival.transit());
        self.resume(arrival);
        self.keep(arrival, newest.payload, shape, false);
        if shape.redundant {
            self.wait_for(arrival.sequence.saturating_sub(1), arrival.transit() + shape.ticks);
        }
        for (index, copy) in copies.iter().enumerate() {
            if copy.payload_type == newest.payload_type && copy.offset > 0 {
                self.keep_copy(arrival, *copy, (copies.len() - index) as u64);
            }
        }
    }

    fn is_elsewhere(&self, arrival: Arrival) -> bool {
        let bounds = TOO_EARLY..=ticks::of(self.options.max_delay) + TOO_LATE;
        let off = self.arrivals.shortest().map_or(0, |shortest| arrival.transit() - shortest);
        !bounds.contains(&off) || self.seen.distance(arrival.sequence) > NUMBERS
    }

    /// A single packet may be a freak; two in a row are the stream, as in appendix A.1 of RFC 3550.
    fn begins_anew(&mut self, arrival: Arrival) -> bool {
        let stray = self.stray.replace(Stray { sequence: arrival.sequence, transit: arrival.transit() });
        let confirmed = stray.is_some_and(|stray| {
            let next = arrival.sequence == stray.sequence.wrapping_add(1);
            next && (arrival.transit() - stray.transit).abs() < AGREE
        });
        if confirmed {
            self.counts.restarts += 1;
            self.counts.lost_before += self.seen.missing();
            self.seen = Default::default();
            self.store.clear();
            self.arrivals.reset();
            self.drift.restart();
            self.playing = None;
            self.heard_until = i64::MIN;
            self.newest = arrival.timestamp;
        }
        confirmed
    }

    /// Begins a stretch of sound with this packet when there is none.
    fn resume(&mut self, arrival: Arrival) {
        if self.playing.is_some() || arrival.timestamp < self.heard_until {
            return;
        }
        let late = self.arrivals.shortest().map_or(0, |shortest| arrival.transit() - shortest);
        if late > self.wanted() + STOPPED {
            self.arrivals.reset();
        }
        let shortest = self.arrivals.shortest().unwrap_or(arrival.transit()).min(arrival.transit());
        let due = (arrival.timestamp + shortest + self.wanted()).max(arrival.arrived);
        self.pcm.clear();
        self.playing = Some(Playing {
            position: arrival.timestamp,
            due,
            sequence: None,
            silent: false,
            length: ticks::PACKET,
            made: 0,
            excess: 0,
            unstretched: 0,
            starved: true,
        });
    }

    fn keep(&mut self, arrival: Arrival, payload: &[u8], shape: Shape, copy: bool) {
        let timestamp = arrival.timestamp;
        if self.store.contains(timestamp) {
            // Its copy was faster.
            return;
        }
        let Some(position) = self.playing.as_ref().map(|playing| playing.position) else {
            self.counts.late += u64::from(!copy);
            return;
        };
        if !copy {
            self.arrivals.record(arrival.transit());
        }
        if timestamp < position && !self.reach_back(timestamp) {
            self.counts.late += u64::from(!copy);
            return;
        }
        let stored = Stored { sequence: arrival.sequence, shape, copy, payload: payload.into() };
        self.counts.refused += u64::from(!self.store.insert(timestamp, stored));
    }

    /// A copy of an earlier packet, `back` packets before this one.
    fn keep_copy(&mut self, arrival: Arrival, copy: Block<'_>, back: u64) {
        let timestamp = arrival.timestamp - i64::from(copy.offset);
        self.wait_for(arrival.sequence.saturating_sub(back), arrival.arrived - timestamp);
        if timestamp < self.heard_until {
            return;
        }
        // Before the first packet of a stretch nothing is missed.
        let Some(playing) = &self.playing else { return };
        if timestamp < playing.position && playing.sequence.is_none() {
            return;
        }
        if let Some(shape) = usable(copy.payload) {
            let sequence = arrival.sequence.saturating_sub(back);
            self.keep(Arrival { sequence, timestamp, ..arrival }, copy.payload, shape, true);
        }
    }

    /// A packet that is missing has come as a copy after all, in time or not: the delay is to have room for it.
    fn wait_for(&mut self, sequence: u64, transit: i64) {
        if self.seen.is_missing(sequence) {
            self.arrivals.record(transit);
        }
    }

    /// Sound was made up because nothing was there, and now what should have been there comes: it is played
    /// late rather than lost, as far as the longest delay allows.
    fn reach_back(&mut self, timestamp: i64) -> bool {
        let longest = ticks::of(self.options.max_delay);
        let Some(playing) = &self.playing else { return false };
        let back = playing.position - timestamp;
        let delay = self.delay(playing).unwrap_or(0) + back;
        if !playing.starved || timestamp < self.heard_until || delay > longest {
            return false;
        }
        if let Some(playing) = &mut self.playing {
            playing.position = timestamp;
        }
        true
    }
}

fn plain(payload: &[u8]) -> Block<'_> {
    Block { payload_type: 0, offset: 0, payload }
}

/// An Opus packet of a length that is possible.
fn usable(payload: &[u8]) -> Option<Shape> {
    if payload.len() > 2 * MAX_PACKET_BYTES { None } else { shape(payload) }
}
