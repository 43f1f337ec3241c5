//! A connection over TCP to an address of the other side, as ICE has it (RFC 6544): this side connects.

use super::Carrier;
use super::framing::Framing;
use super::line::Line;
use super::path::{Ends, PathError};
use std::net::SocketAddr;

/// Connects, and carries packets until the connection ends or nobody wants it any more.
pub(crate) async fn run(remote: SocketAddr, mut ends: Ends) {
    if let Err(cause) = carry(remote, &mut ends).await {
        ends.ended(cause).await;
    }
}

async fn carry(remote: SocketAddr, ends: &mut Ends) -> Result<(), PathError> {
    let Some(line) = ends.unless_unwanted(Line::tcp(remote, Framing::Length)).await else { return Ok(()) };
    let mut line = line?;
    let local = line.local();
    ends.opened(local).await;
    loop {
        tokio::select! {
            packet = line.receive() => ends.deliver(Carrier::Tcp, local, remote, packet?),
            wanted = ends.wanted() => match wanted {
                Some((to, packet)) if to == remote => line.send(&packet).await?,
                // ICE pairs this end with every address of the other side.
                Some(_) => {}
                None => return Ok(()),
            },
        }
    }
}
