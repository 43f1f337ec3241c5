//! The task of an allocation: its socket, TLS, and the clock.

use super::client::{Client, Doing};
use super::server::{Relay, RelayTransport};
use crate::net::Tls;
use crate::transport::Carrier;
use crate::transport::framing::Framing;
use crate::transport::line::{Line, PATIENCE};
use crate::transport::path::{Ends, PathError};
use std::time::{Duration, Instant};

/// How long the last word to a server may take.
const FAREWELL: Duration = Duration::from_millis(200);

/// Has a server relay, and carries packets until that ends or nobody wants it any more.
pub(crate) async fn run(relay: Relay, tls: Tls, mut ends: Ends) {
    if let Err(cause) = carry(&relay, &tls, &mut ends).await {
        tracing::info!(url = relay.url, %cause, "a TURN server is of no use");
        ends.ended(cause).await;
    }
}

async fn carry(relay: &Relay, tls: &Tls, ends: &mut Ends) -> Result<(), PathError> {
    let Some(line) = ends.unless_unwanted(Box::pin(reach(relay, tls))).await else { return Ok(()) };
    let mut line = line?;
    let mut client = Client::new(relay, line.local(), line.remote(), line.is_stream(), Instant::now());
    loop {
        let until = loop {
            match client.poll(Instant::now()) {
                Doing::Send(packet) => line.send(&packet).await?,
                Doing::Relayed(address) => ends.opened(address).await,
                Doing::Ended(cause) => return Err(cause),
                Doing::Idle(until) => break until,
            }
        };
        tokio::select! {
            packet = line.receive() => {
                let carried = client.receive(packet?, Instant::now());
                if let (Some((peer, bytes)), Some(local)) = (carried, client.relayed()) {
                    ends.deliver(Carrier::Udp, local, peer, bytes);
                }
            }
            wanted = ends.wanted() => match wanted {
                Some((peer, packet)) => client.send(peer, packet, Instant::now()),
                None => {
                    let _late = tokio::time::timeout(FAREWELL, leave(client, line)).await;
                    return Ok(());
                }
            },
            () = tokio::time::sleep_until(until.into()) => {}
        }
    }
}

/// Gives the allocation back, so that the server need not wait for its end.
async fn leave(mut client: Client, mut line: Line) -> Result<(), PathError> {
    if client.relayed().is_none() {
        return Ok(());
    }
    client.close(Instant::now());
    loop {
        match client.poll(Instant::now()) {
            Doing::Send(packet) => return line.send(&packet).await,
            Doing::Idle(until) => tokio::time::sleep_until(until.into()).await,
            Doing::Relayed(_) => {}
            Doing::Ended(_) => return Ok(()),
        }
    }
}

async fn reach(relay: &Relay, tls: &Tls) -> Result<Line, PathError> {
    let looking = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((relay.host.as_str(), relay.port)));
    let found = looking.await.map_err(|_| PathError::Name("no answer in time".to_owned()))?;
    let addresses = found.map_err(|cause| PathError::Name(cause.to_string()))?;
    let mut last = PathError::Name("it has no address".to_owned());
    for address in addresses {
        let line = match relay.transport {
            RelayTransport::Udp => Line::udp(address).await,
            RelayTransport::Tcp => Line::tcp(address, Framing::Turn).await,
            RelayTransport::Tls => Line::tls(address, &relay.host, tls, Framing::Turn).await,
        };
        match line {
            Ok(line) => return Ok(line),
            Err(cause) => last = cause,
        }
    }
    Err(last)
}
