//! How a room is joined, and a track published.

use super::Source;
use crate::net::{self, Tls};
use crate::sound::{Format, ReceiverOptions, SenderOptions, SoundError};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How a room is joined.
#[derive(Debug, Clone)]
pub struct RoomOptions {
    /// Every audio track is subscribed to as soon as it is there. Default: yes.
    pub auto_subscribe: bool,
    /// Where the server is reached, in place of what its name resolves to. Several are one server to the caller: the
    /// first that answers is taken, and another where that one cannot do what is asked. Default: none.
    pub addresses: Vec<SocketAddr>,
    /// By which other servers the room can be reached. Default: those of LiveKit Cloud, where it is.
    pub regions: Regions,
    /// The room is joined with one peer connection for both ways, LiveKit's v1, where the server knows it; else, and
    /// where it does not, with two. Default: no.
    pub one_connection: bool,
    /// How remote sound is received. Default: 48 kHz, one channel.
    pub receiver: ReceiverOptions,
    /// How long a lost connection is tried to be had back before the room is closed. Default: 30 s.
    pub give_up: Duration,
    /// How long nothing comes of a track before that is told. Default: 1 s.
    pub silence: Duration,
    /// Who makes a new token: when the room has to be joined anew, and a minute before the one at hand ends, so that
    /// there is one when whoever makes them cannot be reached. Default: nobody, the last token of the server is used.
    pub tokens: Option<TokenSource>,
    /// Whose certificates are believed. Default: the public authorities.
    pub tls: Tls,
    /// Which ways media may take. Default: all.
    pub ice_transport_policy: IceTransportPolicy,
    /// Media goes to the server's address on TCP where UDP comes to nothing within half a second. Default: yes.
    pub ice_tcp: bool,
}

/// Which ways media may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum IceTransportPolicy {
    /// UDP to the server; where that comes to nothing TCP to the server, half a second later; and then the TURN
    /// servers that the server names. It is found again with each new connection.
    #[default]
    All,
    /// The TURN servers that the server names alone: the server never learns this host's address by media.
    Relay,
}

impl RoomOptions {
    /// The defaults.
    ///
    /// # Errors
    /// [`net::Error::Tls`] where there is no TLS.
    pub fn new() -> Result<Self, net::Error> {
        let format = Format::new(48_000, 1).map_err(|cause| net::Error::Tls(cause.to_string()))?;
        Ok(Self {
            auto_subscribe: true,
            addresses: Vec::new(),
            regions: Regions::Cloud,
            one_connection: false,
            receiver: ReceiverOptions::new(format),
            give_up: Duration::from_secs(30),
            silence: Duration::from_secs(1),
            tokens: None,
            tls: Tls::public()?,
            ice_transport_policy: IceTransportPolicy::All,
            ice_tcp: true,
        })
    }
}

/// By which other servers a room can be reached when the one that was named fails, or the one where it is does.
/// Each failure counts, and the nearest of those with the fewest is tried next, until the room is given up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Regions {
    /// By none.
    Never,
    /// By those that the server lists at `/settings/regions`, asked for where its host is of LiveKit Cloud.
    #[default]
    Cloud,
    /// By those that the server lists, whatever its host is.
    Ask,
    /// By these URLs, the nearest first.
    Given(Vec<String>),
}

/// Makes tokens.
#[derive(Clone)]
pub struct TokenSource(Arc<dyn Tokens>);

/// What a [`TokenSource`] asks.
#[async_trait::async_trait]
pub trait Tokens: Send + Sync {
    /// A token for the same room and identity.
    ///
    /// # Errors
    /// Why there is none. The one at hand then serves while it is good; else the next attempt asks again.
    async fn token(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>>;
}

impl TokenSource {
    /// From whoever makes them.
    pub fn new(tokens: impl Tokens + 'static) -> Self {
        Self(Arc::new(tokens))
    }

    pub(crate) async fn token(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        self.0.token().await
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenSource")
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
