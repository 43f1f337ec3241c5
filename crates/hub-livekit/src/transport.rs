//! One peer connection over UDP: the port [`Connection`], its implementation by str0m, and the sockets beside
//! it.

mod addresses;
mod connection;
mod crypto;
mod description;
mod sockets;
mod str0m;

#[cfg(test)]
mod conformance;

use crate::error::Result;
use std::net::SocketAddr;
use std::time::Instant;

pub(crate) use addresses::local_addresses;
pub use connection::Reliability;
pub(crate) use connection::{Connection, Happening};
pub(crate) use description::tracks;
pub(crate) use sockets::{Datagram, Sockets};

/// A peer connection that is reached at those addresses of this host.
///
/// # Errors
/// [`crate::Error::Transport`] where none of them can be used.
pub(crate) fn connection(
    addresses: impl Iterator<Item = SocketAddr>,
    now: Instant,
) -> Result<Box<dyn Connection>> {
    Ok(Box::new(str0m::Str0m::new(addresses, now)?))
}
