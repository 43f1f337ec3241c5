//! One peer connection over UDP, without its sockets: [`Peer`] is told the time, packets and descriptions,
//! and tells what is to be sent and what came.

mod addresses;
mod crypto;
mod description;
mod peer;
mod sockets;

pub(crate) use addresses::local_addresses;
pub(crate) use description::tracks;
pub use peer::Reliability;
pub(crate) use peer::{Happening, Peer};
pub(crate) use sockets::{Datagram, Sockets};
