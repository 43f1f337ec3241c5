//! What the first bytes of an Opus packet say (RFC 6716, sections 3.1 and 4.2).

use super::ticks::PACKET;

/// The most that a packet may hold: 120 ms.
const LONGEST: i64 = 6 * PACKET;

/// The shape of a packet, told without decoding it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Length of its sound in ticks of the RTP clock.
    pub(crate) ticks: i64,
    /// A packet without sound of its own, which ends a stretch of speech: discontinuous transmission.
    pub(crate) silent: bool,
    /// It carries a coarse copy of the packet before it.
    pub(crate) redundant: bool,
}

/// Reads the table-of-contents byte; `None` where the packet cannot be one.
pub(crate) fn shape(payload: &[u8]) -> Option<Shape> {
    let (&contents, rest) = payload.split_first()?;
    let configuration = contents >> 3;
    let frame = match configuration {
        0..=11 => [480, 960, 1920, 2880].get(usize::from(configuration & 3)).copied()?,
        12..=15 => [480, 960].get(usize::from(configuration & 1)).copied()?,
        _ => [120, 240, 480, 960].get(usize::from(configuration & 3)).copied()?,
    };
    let (frames, first) = match contents & 3 {
        0 => (1, rest.first()),
        1 => (2, rest.first()),
        // The length of the first frame stands before it, in one byte or two.
        2 => (2, rest.get(if *rest.first()? >= 252 { 2 } else { 1 })),
        _ => (i64::from(rest.first()? & 63), None),
    };
    let ticks = frame * frames;
    if ticks == 0 || ticks > LONGEST {
        return None;
    }
    let silent = payload.len() <= 2;
    // Speech layer: one flag of voice activity for each 20 ms, then the flag of redundancy. Codes with
    // a varying count of frames have it further on; they are not looked at.
    let voiced_flags = (frame / PACKET).max(1);
    let redundant =
        configuration < 16 && first.is_some_and(|&byte| byte & (0x80 >> voiced_flags.min(7)) != 0);
    Some(Shape { ticks, silent, redundant: redundant && !silent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_table() {
        let ticks = |contents: u8| shape(&[contents, 1, 1, 1, 1]).map(|shape| shape.ticks);
        assert_eq!(ticks(0b0000_1000), Some(960), "narrow band speech, 20 ms");
        assert_eq!(ticks(0b0001_1000), Some(2880), "narrow band speech, 60 ms");
        assert_eq!(ticks(0b0111_1000), Some(960), "hybrid full band, 20 ms");
        assert_eq!(ticks(0b1111_1000), Some(960), "full band, 20 ms");
        assert_eq!(ticks(0b1110_0001), Some(240), "two of 2.5 ms");
        assert_eq!(shape(&[0b1111_1011, 7]), None, "seven of 20 ms are too long");
        assert_eq!(shape(&[0b1111_1011, 0]), None, "none");
        assert_eq!(shape(&[0b1111_1011]), None, "the count is missing");
        assert_eq!(shape(&[]), None);
    }
}
