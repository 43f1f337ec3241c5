//! The port of media: what a room asks of a peer connection, whoever makes it.

use super::Datagram;
use crate::error::Result;
use crate::sound::Payload;
use std::net::SocketAddr;
use std::time::Instant;

/// How a data channel carries its messages: LiveKit has one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reliability {
    /// In order, sent again until they arrive.
    Reliable,
    /// Sent once.
    Lossy,
}

impl Reliability {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Reliable => "_reliable",
            Self::Lossy => "_lossy",
        }
    }
}

/// What carries packets between two addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Carrier {
    Udp,
    Tcp,
}

/// An address of this side beside those of its sockets of UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detour {
    /// This side's end of a connection over TCP to the other side.
    Tcp(SocketAddr),
    /// The address at which a TURN server relays for this side, which the other side sees as one of UDP.
    Relayed(SocketAddr),
}

impl Detour {
    pub(crate) const fn carrier(self) -> Carrier {
        match self {
            Self::Tcp(_) => Carrier::Tcp,
            Self::Relayed(_) => Carrier::Udp,
        }
    }

    pub(crate) const fn address(self) -> SocketAddr {
        match self {
            Self::Tcp(address) | Self::Relayed(address) => address,
        }
    }
}

/// What a peer connection tells.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A packet is to be sent.
    Transmit { carrier: Carrier, from: SocketAddr, to: SocketAddr, bytes: Vec<u8> },
    /// ICE lost its way, which a restart of ICE may find again.
    Disconnected,
    /// A packet of a remote track.
    Sound { mid: String, sequence: u64, timestamp: u32, payload: Vec<u8>, red: bool, arrived: Instant },
    /// A message of a data channel.
    Message { reliable: bool, bytes: Vec<u8> },
    /// A data channel can be written to, or written to us by.
    Open { reliable: bool },
    /// Nothing happens before that moment.
    Idle(Instant),
}

/// A peer connection without its sockets: it is told the time, packets and descriptions, and tells what is to
/// be sent and what came. Descriptions are SDP; one offer at a time is under way.
///
/// An error leaves the connection unusable: it is then replaced.
pub(crate) trait Connection: Send {
    /// The first offer: with the two data channels of LiveKit, and so many sections by which sound of the other
    /// side can come.
    fn offer_channels(&mut self, receiving: usize) -> Result<String>;
    /// An offer with so many more of those sections, in which those that nothing comes by are open again.
    fn offer_receiving(&mut self, more: u32) -> Result<String>;
    /// An offer with one more track, whose id there is `cid`; and its section's name.
    fn offer_track(&mut self, cid: &str) -> Result<(String, String)>;
    /// An offer that ends a track; `None` where there is nothing to end.
    fn offer_end(&mut self, mid: &str) -> Option<String>;
    /// An offer with new credentials of ICE, for a network that changed.
    fn offer_restart(&mut self) -> Option<String>;
    /// This host is reached at these addresses now, and no more at those of before: to be followed by a restart.
    fn move_to(&mut self, addresses: &[SocketAddr]);
    /// An offer that is not yet answered.
    fn is_offering(&self) -> bool;
    /// The answer to the last offer comes no more.
    fn forget_offer(&mut self);
    /// Takes the answer to the last offer; any other is left out.
    fn accept_answer(&mut self, sdp: &str, now: Instant) -> Result<()>;
    /// Takes an offer, and answers it.
    fn accept_offer(&mut self, sdp: &str, now: Instant) -> Result<String>;
    /// Takes a candidate of the other side. One that cannot be read or reached from here is left out.
    fn add_candidate(&mut self, candidate: &str, now: Instant) -> Result<()>;

    /// Another address of this side was found. It is tried after those of UDP, a relay's last.
    fn add_detour(&mut self, detour: Detour, now: Instant) -> Result<()>;
    /// That address can be used no more.
    fn remove_detour(&mut self, detour: Detour, now: Instant) -> Result<()>;

    /// Media can flow.
    fn is_connected(&self) -> bool;
    /// A track of ours was taken by the other side.
    fn is_sending(&mut self, mid: &str) -> bool;
    /// Sends a payload of a track of ours; before the connection stands it is lost, as it would be on the way.
    fn write(&mut self, mid: &str, payload: Payload, now: Instant) -> Result<()>;
    /// Puts a message into a channel; `false` while that is not open or has no room.
    fn send(&mut self, reliability: Reliability, bytes: &[u8]) -> Result<bool>;

    /// Tells the time.
    fn tick(&mut self, now: Instant) -> Result<()>;
    /// Takes a packet; `false` for one that makes no sense, which is left out.
    fn receive(&mut self, datagram: &Datagram) -> Result<bool>;
    /// What is next; ask until it is [`Happening::Idle`].
    fn poll(&mut self) -> Result<Happening>;
    /// Begins to end it: what is to be said to the other side is polled.
    fn close(&mut self);
}
