//! Opus behind two small traits, so that another implementation can take its place.

#[cfg(feature = "libopus")]
pub mod libopus;
mod pure;

use super::SoundError;
pub use pure::{PureDecoder, PureEncoder};

/// The most bytes that one frame of an Opus packet may have (RFC 6716, section 3.4).
pub const MAX_PACKET_BYTES: usize = 1275;

/// How to encode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    /// Bits a second, 6,000 to 510,000.
    pub bitrate: u32,
    /// CPU spent, 0 to 10.
    pub complexity: u8,
    /// What the encoder is tuned for.
    pub tuning: Tuning,
    /// Each packet carries a coarse copy of the one before, where the mode of the codec has such.
    pub fec: bool,
}

/// What the encoder is tuned for; Opus calls it the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tuning {
    /// Speech through a noisy network: the speech layer wherever it pays.
    Speech,
    /// Likeness of the waveform; speech and music.
    Likeness,
    /// The transform layer alone: least CPU and delay, without FEC inside the packets.
    LowDelay,
}

/// PCM in, packets out.
pub trait Encode: Send {
    /// Encodes 20 ms of interleaved PCM into `packet` and tells its length in bytes.
    ///
    /// # Errors
    /// A length that is not 20 ms, or a `packet` that is too short.
    fn encode(&mut self, pcm: &[i16], packet: &mut [u8]) -> Result<usize, SoundError>;

    /// From now on packets that hold nothing but silence may become one or two bytes, which need not be sent
    /// (discontinuous transmission). At first they may not.
    ///
    /// # Errors
    /// None that the codecs here have.
    fn set_dtx(&mut self, on: bool) -> Result<(), SoundError>;
}

/// Packets in, PCM out. Lengths are samples a channel; `pcm` is interleaved.
pub trait Decode: Send {
    /// Decodes a packet; `pcm` has room for 120 ms.
    ///
    /// # Errors
    /// What is no Opus packet.
    fn decode(&mut self, packet: &[u8], pcm: &mut [i16]) -> Result<usize, SoundError>;

    /// Fills `pcm` with what came before `next`, out of the copy that `next` carries.
    ///
    /// # Errors
    /// What is no Opus packet, and a length that is not a multiple of 2.5 ms.
    fn recover(&mut self, next: &[u8], pcm: &mut [i16]) -> Result<usize, SoundError>;

    /// Fills `pcm` by continuing what was heard last.
    ///
    /// # Errors
    /// A length that is not a multiple of 2.5 ms.
    fn conceal(&mut self, pcm: &mut [i16]) -> Result<usize, SoundError>;
}
