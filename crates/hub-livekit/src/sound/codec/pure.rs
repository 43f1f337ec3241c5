//! Opus by `ropus`: pure Rust, bit for bit what the reference implementation in fixed point gives.

use super::{Decode, Encode, Encoding, Tuning};
use crate::sound::{Format, SoundError};
use ropus::{Application, Bitrate, Channels, DecodeMode, Decoder, Encoder, InbandFec, Signal};
use std::fmt;

/// Loss that the encoder is told to expect, in per cent, where FEC is wanted: below a few per cent it
/// leaves the copies out.
const EXPECTED_LOSS: u8 = 15;

/// The encoder.
pub struct PureEncoder {
    format: Format,
    encoding: Encoding,
    inner: Encoder,
}

impl PureEncoder {
    /// An encoder for PCM of `format`.
    ///
    /// # Errors
    /// A bitrate or a complexity that Opus does not have.
    pub fn new(format: Format, encoding: Encoding) -> Result<Self, SoundError> {
        Ok(Self { format, encoding, inner: build(format, encoding)? })
    }
}

fn build(format: Format, encoding: Encoding) -> Result<Encoder, SoundError> {
    let application = match encoding.tuning {
        Tuning::Speech => Application::Voip,
        Tuning::Likeness => Application::Audio,
        Tuning::LowDelay => Application::RestrictedLowDelay,
    };
    let bitrate = Bitrate::try_bits(encoding.bitrate).map_err(|_| SoundError::Codec("bitrate"))?;
    let mut builder = Encoder::builder(format.rate(), layout(format), application)
        .bitrate(bitrate)
        .complexity(encoding.complexity)
        .vbr(true);
    if encoding.tuning == Tuning::Speech {
        builder = builder.signal(Signal::Voice);
    }
    if encoding.fec {
        builder = builder.inband_fec(InbandFec::Enabled).packet_loss_perc(EXPECTED_LOSS);
    }
    builder.build().map_err(|_| SoundError::Codec("the encoder cannot be made with these settings"))
}

fn layout(format: Format) -> Channels {
    if format.channels() == 1 { Channels::Mono } else { Channels::Stereo }
}

impl Encode for PureEncoder {
    fn encode(&mut self, pcm: &[i16], packet: &mut [u8]) -> Result<usize, SoundError> {
        self.inner.encode(pcm, packet).map_err(|_| SoundError::Codec("the frame is refused"))
    }

    fn set_dtx(&mut self, on: bool) -> Result<(), SoundError> {
        self.inner.set_dtx(on).map_err(|_| SoundError::Codec("discontinuous transmission"))
    }
}

impl fmt::Debug for PureEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, encoding, inner: _ } = self;
        f.debug_struct("PureEncoder").field("format", format).field("encoding", encoding).finish()
    }
}

/// The decoder. It gives the rate and the channels that it is made for, whatever was encoded.
pub struct PureDecoder {
    inner: Decoder,
}

impl PureDecoder {
    /// A decoder that gives PCM of `format`; stereo becomes mono where that is asked.
    ///
    /// # Errors
    /// None that a [`Format`] can cause; the codec's own are passed on.
    pub fn new(format: Format) -> Result<Self, SoundError> {
        let inner = Decoder::new(format.rate(), layout(format));
        Ok(Self { inner: inner.map_err(|_| SoundError::Codec("the decoder cannot be made"))? })
    }

    fn run(&mut self, packet: &[u8], pcm: &mut [i16], mode: DecodeMode) -> Result<usize, SoundError> {
        self.inner.decode(packet, pcm, mode).map_err(|_| SoundError::Codec("the packet is refused"))
    }
}

impl Decode for PureDecoder {
    fn decode(&mut self, packet: &[u8], pcm: &mut [i16]) -> Result<usize, SoundError> {
        self.run(packet, pcm, DecodeMode::Normal)
    }

    fn recover(&mut self, next: &[u8], pcm: &mut [i16]) -> Result<usize, SoundError> {
        self.run(next, pcm, DecodeMode::Fec)
    }

    fn conceal(&mut self, pcm: &mut [i16]) -> Result<usize, SoundError> {
        self.run(&[], pcm, DecodeMode::Normal)
    }
}

impl fmt::Debug for PureDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PureDecoder").finish_non_exhaustive()
    }
}
