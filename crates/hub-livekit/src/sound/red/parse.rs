//! From a packet to its blocks.

use thiserror::Error;

/// More copies than any sender has use for; what claims more is refused before it is taken apart.
const MOST_BLOCKS: usize = 16;

/// Why a payload is not what RFC 2198 describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Malformed {
    /// There is nothing, or the headers do not end.
    #[error("the headers end in the middle")]
    Truncated,
    /// The lengths in the headers add up to more than there is.
    #[error("the headers promise {promised} bytes and {held} are there")]
    Length {
        /// The sum of the lengths.
        promised: usize,
        /// Bytes after the headers.
        held: usize,
    },
    /// More than sixteen blocks.
    #[error("more than {MOST_BLOCKS} blocks")]
    Deep,
}

/// One encoded frame out of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block<'a> {
    /// RTP payload type, 0 to 127.
    pub payload_type: u8,
    /// Ticks of the RTP clock by which it is older than the packet, 0 for the newest.
    pub offset: u16,
    /// What it holds; may be empty.
    pub payload: &'a [u8],
}

/// Takes a payload apart, oldest block first. The last is the newest; there is always one.
///
/// # Errors
/// Headers that do not end, lengths beyond the packet, and more than sixteen blocks.
pub fn parse(payload: &[u8]) -> Result<Vec<Block<'_>>, Malformed> {
    let mut headers = Vec::new();
    let mut rest = payload;
    loop {
        match rest {
            [first, middle, low, length, after @ ..] if first & 0x80 != 0 => {
                if headers.len() + 1 == MOST_BLOCKS {
                    return Err(Malformed::Deep);
                }
                let offset = u16::from(*middle) << 6 | u16::from(*low) >> 2;
                let length = usize::from(low & 3) << 8 | usize::from(*length);
                headers.push((first & 0x7f, offset, length));
                rest = after;
            }
            [last, after @ ..] if last & 0x80 == 0 => return split(&headers, *last, after),
            _ => return Err(Malformed::Truncated),
        }
    }
}

fn split<'a>(headers: &[(u8, u16, usize)], last: u8, held: &'a [u8]) -> Result<Vec<Block<'a>>, Malformed> {
    let mut blocks = Vec::with_capacity(headers.len() + 1);
    let mut rest = held;
    for &(payload_type, offset, length) in headers {
        let Some((payload, after)) = rest.split_at_checked(length) else {
            let promised = headers.iter().map(|header| header.2).sum();
            return Err(Malformed::Length { promised, held: held.len() });
        };
        blocks.push(Block { payload_type, offset, payload });
        rest = after;
    }
    blocks.push(Block { payload_type: last, offset: 0, payload: rest });
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_figure_of_the_rfc_is_taken_apart() {
        // One copy of type 5, 160 ticks older, three bytes; the newest of type 7.
        let packet = [0x85, 160 >> 6, ((160 & 63) << 2) as u8, 3, 7, 1, 2, 3, 9, 9];
        let blocks = parse(&packet).unwrap();
        assert_eq!(blocks[0], Block { payload_type: 5, offset: 160, payload: &[1, 2, 3] });
        assert_eq!(blocks[1], Block { payload_type: 7, offset: 0, payload: &[9, 9] });
        assert_eq!(blocks.len(), 2);
    }

    #[test]
    fn lies_are_refused() {
        assert_eq!(parse(&[]), Err(Malformed::Truncated));
        assert_eq!(parse(&[0x80, 0, 0]), Err(Malformed::Truncated));
        assert_eq!(parse(&[0x80, 0, 0, 0]), Err(Malformed::Truncated), "no newest");
        assert_eq!(parse(&[0x80, 0, 3, 255, 7, 1]), Err(Malformed::Length { promised: 1023, held: 1 }));
        let mut deep = [0x80, 0, 0, 0].repeat(1_000);
        deep.push(7);
        assert_eq!(parse(&deep), Err(Malformed::Deep));
        let widest = [[0x80, 0, 0, 0].repeat(15), vec![7]].concat();
        assert_eq!(parse(&widest).unwrap().len(), 16);
    }

    #[test]
    fn an_empty_newest_block_is_a_block() {
        assert_eq!(parse(&[7]), Ok(vec![Block { payload_type: 7, offset: 0, payload: &[] }]));
    }

    proptest! {
        /// Any bytes: never more than was there, in order, and nothing counted twice.
        #[test]
        fn blocks_lie_within_the_packet(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(blocks) = parse(&bytes) {
                let held: usize = blocks.iter().map(|block| block.payload.len()).sum();
                let headers = blocks.len() * 4 - 3;
                prop_assert_eq!(held + headers, bytes.len());
                prop_assert!(blocks.iter().all(|block| block.payload_type < 128 && block.offset < 1 << 14));
                let together: Vec<u8> = blocks.iter().flat_map(|block| block.payload.to_vec()).collect();
                prop_assert_eq!(&together[..], &bytes[headers..]);
            }
        }
    }
}
