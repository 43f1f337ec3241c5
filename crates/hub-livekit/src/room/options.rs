//! How a room is joined, and a track published.

use super::Source;
use crate::net::{self, Tls};
use crate::sound::{Format, ReceiverOptions, SenderOptions, SoundError};

/// How a room is joined.
#[derive(Debug, Clone)]
pub struct RoomOptions {
    /// Every audio track is subscribed to as soon as it is there. Default: yes.
    pub auto_subscribe: bool,
    /// How remote sound is received. Default: 48 kHz, one channel.
    pub receiver: ReceiverOptions,
    /// Whose certificates are believed. Default: the public authorities.
    pub tls: Tls,
}

impl RoomOptions {
    /// The defaults.
    ///
    /// # Errors
    /// [`net::Error::Tls`] where there is no TLS.
    pub fn new() -> Result<Self, net::Error> {
        let format = Format::new(48_000, 1).map_err(|cause| net::Error::Tls(cause.to_string()))?;
        Ok(Self { auto_subscribe: true, receiver: ReceiverOptions::new(format), tls: Tls::public()? })
    }
}

/// How a track is published.
#[derive(Debug, Clone)]
pub struct PublishOptions {
    /// The track's name, shown to others.
    pub name: String,
    /// What it is said to be. Default: a microphone.
    pub source: Source,
    /// How its sound is sent.
    pub sender: SenderOptions,
}

impl PublishOptions {
    /// A microphone with the defaults, fed with PCM of that rate and number of channels.
    ///
    /// # Errors
    /// A rate or number of channels that is not offered.
    pub fn new(name: &str, rate: u32, channels: u8) -> Result<Self, SoundError> {
        let sender = SenderOptions::new(Format::new(rate, channels)?);
        Ok(Self { name: name.to_owned(), source: Source::Microphone, sender })
    }
}
