//! One peer connection: the port [`Connection`], its implementation by str0m, and what carries its packets:
//! sockets of UDP, connections over TCP to the server, and the relays of TURN servers.

mod addresses;
mod connection;
mod crypto;
mod description;
mod direct;
mod framing;
mod line;
mod path;
mod relay;
mod sockets;
mod str0m;

#[cfg(test)]
mod conformance;

use crate::error::Result;
use crate::net::Tls;
use std::net::SocketAddr;
use std::time::Instant;

pub(crate) use addresses::local_addresses;
pub use connection::Reliability;
pub(crate) use connection::{Carrier, Connection, Detour, Happening};
#[cfg(feature = "doctor")]
pub(crate) use description::candidates;
pub(crate) use description::{candidate, fragment, tracks};
#[cfg(feature = "doctor")]
pub(crate) use framing::Framing;
#[cfg(feature = "doctor")]
pub(crate) use line::Line;
pub use path::PathError;
pub(crate) use path::{Ends, Inbox, News, Outbox, ends, news};
pub use relay::RelayTransport;
#[cfg(any(test, fuzzing))]
pub(crate) use relay::rehearsal::rehearse;
pub(crate) use relay::{Relay, relays};
pub(crate) use sockets::{Datagram, Sockets};

/// A peer connection that is reached at those addresses of this host, over UDP, and at each that is added.
///
/// # Errors
/// [`crate::Error::Transport`] for an address that cannot be one of a connection.
pub(crate) fn connection(
    addresses: impl Iterator<Item = SocketAddr>,
    now: Instant,
) -> Result<Box<dyn Connection>> {
    Ok(Box::new(str0m::Str0m::new(addresses, now)?))
}

/// Connects to an address of the server over TCP, and carries packets until nobody wants that any more.
pub(crate) async fn connect(remote: SocketAddr, ends: Ends) {
    direct::run(remote, ends).await;
}

/// Has a TURN server relay, and carries packets until nobody wants that any more.
pub(crate) async fn allocate(relay: Relay, tls: Tls, ends: Ends) {
    relay::run(relay, tls, ends).await;
}
