//! Opus by bindings to libopus, to compare with. Building it needs a C compiler and cmake.

use super::{Decode, Encode, Encoding, Tuning};
use crate::sound::{Format, SoundError};
use opus::{Application, Bitrate, Channels, Decoder, Encoder, Signal};

/// As for the pure encoder.
const EXPECTED_LOSS: i32 = 15;

/// The encoder of libopus.
#[derive(Debug)]
pub struct LibopusEncoder {
    inner: Encoder,
}

impl LibopusEncoder {
    /// An encoder for PCM of `format`.
    ///
    /// # Errors
    /// A bitrate or a complexity that Opus does not have.
    pub fn new(format: Format, encoding: Encoding) -> Result<Self, SoundError> {
        let application = match encoding.tuning {
            Tuning::Speech => Application::Voip,
            Tuning::Likeness => Application::Audio,
            Tuning::LowDelay => Application::LowDelay,
        };
        let make = || -> opus::Result<Encoder> {
            let mut inner = Encoder::new(format.rate(), layout(format), application)?;
            let bitrate = i32::try_from(encoding.bitrate).unwrap_or(i32::MAX);
            inner.set_bitrate(Bitrate::Bits(bitrate))?;
            inner.set_complexity(i32::from(encoding.complexity))?;
            inner.set_vbr(true)?;
            if encoding.tuning == Tuning::Speech {
                inner.set_signal(Signal::Voice)?;
            }
            if encoding.fec {
                inner.set_inband_fec(true)?;
                inner.set_packet_loss_perc(EXPECTED_LOSS)?;
            }
            Ok(inner)
        };
        Ok(Self { inner: make().map_err(told)? })
    }
}

fn layout(format: Format) -> Channels {
    if format.channels() == 1 { Channels::Mono } else { Channels::Stereo }
}

fn told(error: opus::Error) -> SoundError {
    SoundError::Codec(error.code().description())
}

impl Encode for LibopusEncoder {
    fn encode(&mut self, pcm: &[i16], packet: &mut [u8]) -> Result<usize, SoundError> {
        self.inner.encode(pcm, packet).map_err(told)
    }

    fn set_dtx(&mut self, on: bool) -> Result<(), SoundError> {
        self.inner.set_dtx(on).map_err(told)
    }
}

/// The decoder of libopus.
#[derive(Debug)]
pub struct LibopusDecoder {
    inner: Decoder,
}

impl LibopusDecoder {
    /// A decoder that gives PCM of `format`.
    ///
    /// # Errors
    /// None that a [`Format`] can cause; libopus' own are passed on.
    pub fn new(format: Format) -> Result<Self, SoundError> {
        Ok(Self { inner: Decoder::new(format.rate(), layout(format)).map_err(told)? })
    }
}

impl Decode for LibopusDecoder {
    fn decode(&mut self, packet: &[u8], pcm: &mut [i16]) -> Result<usize, SoundError> {
        self.inner.decode(packet, pcm, false).map_err(told)
    }

    fn recover(&mut self, next: &[u8], pcm: &mut [i16]) -> Result<usize, SoundError> {
        self.inner.decode(next, pcm, true).map_err(told)
    }

    fn conceal(&mut self, pcm: &mut [i16]) -> Result<usize, SoundError> {
        self.inner.decode(&[], pcm, false).map_err(told)
    }
}
