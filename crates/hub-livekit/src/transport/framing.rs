//! Packets in a stream: where each begins and where it ends.

use super::sockets::LARGEST;

/// How a stream is cut into packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Two bytes of length before each (RFC 4571): ICE over TCP.
    Length,
    /// Each tells its own length (RFC 8656, 12.4 and 12.5): TURN over TCP and TLS.
    Turn,
}

/// A stream in which no packet begins any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// What was read of a stream, and is not a whole packet yet: never more than one reading and one packet.
#[derive(Debug)]
pub(crate) struct Frames {
    framing: Framing,
    read: Vec<u8>,
}

/// Where a packet lies in what was read.
struct Span {
    /// Before it.
    head: usize,
    length: usize,
    /// After it.
    padding: usize,
}

impl Framing {
    /// A packet as it goes into the stream; `None` for one that is too long.
    pub(crate) fn frame(self, packet: &[u8]) -> Option<Vec<u8>> {
        if packet.len() > LARGEST {
            return None;
        }
        match self {
            Self::Length => {
                let length = u16::try_from(packet.len()).ok()?;
                Some([&length.to_be_bytes(), packet].concat())
            }
            Self::Turn => {
                let mut framed = packet.to_vec();
                framed.resize(packet.len().next_multiple_of(4), 0);
                Some(framed)
            }
        }
    }

    /// The packet that these bytes begin with; `None` where they are too few to tell.
    fn span(self, read: &[u8]) -> Result<Option<Span>, Malformed> {
        let length = |high: u8, low: u8| usize::from(u16::from_be_bytes([high, low]));
        let span = match (self, read) {
            (Self::Length, [high, low, ..]) => Span { head: 2, length: length(*high, *low), padding: 0 },
            (Self::Turn, [kind, _, high, low, ..]) => {
                let content = length(*high, *low);
                match kind >> 6 {
                    // A message of STUN; its length is told without its header.
                    0 if content.is_multiple_of(4) => Span { head: 0, length: 20 + content, padding: 0 },
                    // Data of a channel.
                    1 => {
                        let length = 4 + content;
                        Span { head: 0, length, padding: length.next_multiple_of(4) - length }
                    }
                    _ => return Err(Malformed),
                }
            }
            _ => return Ok(None),
        };
        if span.length > LARGEST { Err(Malformed) } else { Ok(Some(span)) }
    }
}

impl Frames {
    pub(crate) const fn new(framing: Framing) -> Self {
        Self { framing, read: Vec::new() }
    }

    pub(crate) const fn framing(&self) -> Framing {
        self.framing
    }

    /// Takes what was read next.
    pub(crate) fn push(&mut self, read: &[u8]) {
        self.read.extend_from_slice(read);
    }

    /// The next whole packet.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, Malformed> {
        let Some(Span { head, length, padding }) = self.framing.span(&self.read)? else { return Ok(None) };
        let Some(packet) = self.read.get(head..head + length) else { return Ok(None) };
        let (packet, end) = (packet.to_vec(), head + length + padding);
        if end > self.read.len() {
            return Ok(None);
        }
        self.read.drain(..end);
        Ok(Some(packet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(frames: &mut Frames) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| frames.next().unwrap()).collect()
    }

    fn message(content: usize) -> Vec<u8> {
        let [high, low] = (content as u16).to_be_bytes();
        [&[0, 1, high, low][..], &vec![7; 16 + content]].concat()
    }

    fn channel(content: usize) -> Vec<u8> {
        let [high, low] = (content as u16).to_be_bytes();
        [&[0x40, 0, high, low][..], &vec![9; content]].concat()
    }

    #[test]
    fn lengths_that_lie_end_the_stream() {
        let ends = |framing, bytes: &[u8]| {
            let mut frames = Frames::new(framing);
            frames.push(bytes);
            frames.next()
        };
        assert_eq!(ends(Framing::Length, &[0xff, 0xff, 1]), Err(Malformed));
        assert_eq!(ends(Framing::Turn, b"HTTP/1.1 400 Bad Request\r\n"), Err(Malformed));
        assert_eq!(ends(Framing::Turn, &[0x80; 8]), Err(Malformed));
        assert_eq!(ends(Framing::Turn, &[0, 1, 0, 3, 0, 0]), Err(Malformed));
        assert_eq!(ends(Framing::Turn, &[0x40, 0, 0xff, 0xff]), Err(Malformed));
        assert_eq!(ends(Framing::Length, &[0]), Ok(None));
        assert_eq!(ends(Framing::Turn, &[0x40, 0, 0]), Ok(None));
        assert_eq!(Framing::Length.frame(&[0; LARGEST + 1]), None);
    }

    #[test]
    fn data_of_a_channel_is_padded_in_a_stream_and_comes_without_its_padding() {
        let framed = Framing::Turn.frame(&channel(5)).unwrap();
        assert_eq!(framed.len(), 12);
        let mut frames = Frames::new(Framing::Turn);
        frames.push(&framed[..10]);
        assert_eq!(frames.next(), Ok(None));
        frames.push(&framed[10..]);
        assert_eq!(frames.next(), Ok(Some(channel(5))));
    }

    proptest! {
        #[test]
        fn packets_come_whole_however_the_stream_is_cut(
            lengths in prop::collection::vec((0_usize..300, any::<bool>()), 1..10),
            cuts in prop::collection::vec(1_usize..200, 1..20),
            turn in any::<bool>(),
        ) {
            let framing = if turn { Framing::Turn } else { Framing::Length };
            let packets: Vec<Vec<u8>> = lengths.iter().map(|(length, stun)| match (turn, stun) {
                (true, true) => message(length * 4),
                (true, false) => channel(*length),
                (false, _) => vec![3; *length],
            }).collect();
            let stream: Vec<u8> = packets.iter().flat_map(|packet| framing.frame(packet).unwrap()).collect();
            let (mut frames, mut rest, mut found) = (Frames::new(framing), &stream[..], Vec::new());
            for cut in cuts.iter().cycle() {
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                frames.push(now);
                found.extend(all(&mut frames));
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(found, packets);
        }

        #[test]
        fn any_bytes_are_packets_or_the_end(bytes in prop::collection::vec(any::<u8>(), 0..5_000), turn: bool) {
            let mut frames = Frames::new(if turn { Framing::Turn } else { Framing::Length });
            frames.push(&bytes);
            while let Ok(Some(packet)) = frames.next() {
                prop_assert!(packet.len() <= LARGEST);
            }
            prop_assert!(frames.read.len() <= bytes.len());
        }
    }
}
