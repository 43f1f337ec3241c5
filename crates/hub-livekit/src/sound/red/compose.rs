//! From frames to packets.

use std::collections::VecDeque;

/// A copy may be this many ticks older than its packet: 14 bits.
pub const MAX_OFFSET: u32 = (1 << 14) - 1;
/// A copy may have this many bytes: 10 bits.
pub const MAX_LENGTH: usize = (1 << 10) - 1;

/// Remembers the last frames and puts them before the next.
#[derive(Debug)]
pub struct Composer {
    payload_type: u8,
    distance: usize,
    earlier: VecDeque<(u32, Vec<u8>)>,
}

impl Composer {
    /// Each packet will carry up to `distance` frames before its own, all of `payload_type` (0 to 127).
    pub fn new(payload_type: u8, distance: usize) -> Self {
        Self { payload_type: payload_type & 0x7f, distance, earlier: VecDeque::with_capacity(distance + 1) }
    }

    /// The payload for a frame. Copies that are too old or too long for their header are left out.
    pub fn compose(&mut self, timestamp: u32, frame: &[u8]) -> Vec<u8> {
        let copies = self.earlier.iter().filter_map(|(then, copy)| {
            let offset = timestamp.wrapping_sub(*then);
            let fits = (1..=MAX_OFFSET).contains(&offset) && copy.len() <= MAX_LENGTH && !copy.is_empty();
            fits.then_some((offset, copy))
        });
        let copies: Vec<(u32, &Vec<u8>)> = copies.collect();
        let held: usize = copies.iter().map(|(_, copy)| copy.len() + 4).sum();
        let mut packet = Vec::with_capacity(held + 1 + frame.len());
        for (offset, copy) in &copies {
            let word = offset << 10 | copy.len() as u32;
            let [_, high, middle, low] = word.to_be_bytes();
            packet.extend([0x80 | self.payload_type, high, middle, low]);
        }
        packet.push(self.payload_type);
        for (_, copy) in &copies {
            packet.extend_from_slice(copy);
        }
        packet.extend_from_slice(frame);
        self.remember(timestamp, frame);
        packet
    }

    /// Forgets the earlier frames, so that none of them is sent again.
    pub fn clear(&mut self) {
        self.earlier.clear();
    }

    fn remember(&mut self, timestamp: u32, frame: &[u8]) {
        self.earlier.push_back((timestamp, frame.to_vec()));
        while self.earlier.len() > self.distance {
            self.earlier.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_copy_that_a_header_cannot_tell_is_left_out() {
        let mut composer = Composer::new(111, 2);
        composer.compose(0, &[1; 1_024]);
        let packet = composer.compose(960, &[2]);
        assert_eq!(parse(&packet).unwrap().len(), 1, "too long");
        let packet = composer.compose(960 + MAX_OFFSET + 1, &[3]);
        assert_eq!(parse(&packet).unwrap().len(), 1, "too old");
    }

    #[test]
    fn nothing_old_is_sent_after_a_clear() {
        let mut composer = Composer::new(111, 2);
        composer.compose(0, &[1]);
        composer.clear();
        assert_eq!(composer.compose(960, &[2]), [111, 2]);
    }

    proptest! {
        /// What is put together comes apart again, also where the timestamp wraps.
        #[test]
        fn there_and_back(
            start: u32,
            distance in 0_usize..4,
            frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 1..8),
        ) {
            let mut composer = Composer::new(63, distance);
            for (index, frame) in frames.iter().enumerate() {
                let timestamp = start.wrapping_add(960 * index as u32);
                let packet = composer.compose(timestamp, frame);
                let blocks = parse(&packet).unwrap();
                let first = index - index.min(distance);
                prop_assert_eq!(blocks.len(), index - first + 1);
                for (block, (then, frame)) in blocks.iter().zip(frames.iter().enumerate().skip(first)) {
                    prop_assert_eq!(block.payload, &frame[..]);
                    prop_assert_eq!(usize::from(block.offset), 960 * (index - then));
                    prop_assert_eq!(block.payload_type, 63);
                }
            }
        }
    }
}
