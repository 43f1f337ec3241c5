//! Packets that wait for their turn, by timestamp.

use crate::sound::opus_packet::Shape;
use std::collections::BTreeMap;

/// Packets that are kept at most: ten seconds of them.
const MOST: usize = 512;

/// A packet that waits.
#[derive(Debug)]
pub(crate) struct Stored {
    /// Its own number, or the one that its copy's place in a later packet tells.
    pub(crate) sequence: u64,
    pub(crate) shape: Shape,
    /// It came as a copy in a later packet.
    pub(crate) copy: bool,
    pub(crate) payload: Box<[u8]>,
}

/// Packets by timestamp, at most 512.
#[derive(Debug, Default)]
pub(crate) struct Store {
    packets: BTreeMap<i64, Stored>,
}

impl Store {
    /// Keeps a packet; false when there is one of that time, or no room.
    pub(crate) fn insert(&mut self, timestamp: i64, packet: Stored) -> bool {
        if self.packets.len() >= MOST || self.packets.contains_key(&timestamp) {
            return false;
        }
        self.packets.insert(timestamp, packet);
        true
    }

    /// There is one of that time.
    pub(crate) fn contains(&self, timestamp: i64) -> bool {
        self.packets.contains_key(&timestamp)
    }

    /// The oldest.
    pub(crate) fn first(&self) -> Option<(i64, &Stored)> {
        self.packets.first_key_value().map(|(timestamp, packet)| (*timestamp, packet))
    }

    /// Takes the oldest.
    pub(crate) fn take_first(&mut self) -> Option<(i64, Stored)> {
        self.packets.pop_first()
    }

    /// Throws away what begins before a time, and tells how many that were.
    pub(crate) fn drop_before(&mut self, timestamp: i64) -> u64 {
        let kept = self.packets.split_off(&timestamp);
        std::mem::replace(&mut self.packets, kept).len() as u64
    }

    pub(crate) fn clear(&mut self) {
        self.packets.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(sequence: u64) -> Stored {
        let shape = Shape { ticks: 960, silent: false, redundant: false };
        Stored { sequence, shape, copy: false, payload: Box::new([1]) }
    }

    #[test]
    fn there_is_room_for_so_many_and_one_of_each_time() {
        let mut store = Store::default();
        for index in 0..MOST as i64 {
            assert!(store.insert(-index * 960, packet(0)));
            assert!(!store.insert(-index * 960, packet(1)));
        }
        assert!(!store.insert(960, packet(2)));
        assert_eq!(store.drop_before(-960), MOST as u64 - 2);
        assert!(store.insert(960, packet(3)));
        assert_eq!(store.take_first().unwrap().0, -960);
    }
}
