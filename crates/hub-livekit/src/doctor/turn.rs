//! An allocation at every TURN server that the server names (RFC 8656, 7), and a connectivity check through it to
//! the server's addresses for media. It is given back at once.

use super::candidates::Candidates;
use super::report::Chart;
use super::{media, stun};
use crate::net::Tls;
use crate::transport::{
    Carrier, Datagram, Inbox, News, Outbox, PathError, Relay, allocate, ends, news, relays,
};
use livekit_protocol::IceServer;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use stun_types::message::Message;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A check through a relay is sent so often, and so far apart.
const CHECKS: u32 = 8;
const PAUSE: Duration = Duration::from_millis(250);

pub(super) async fn look(servers: &[IceServer], found: Option<&Candidates>, tls: &Tls, chart: &mut Chart) {
    let usable = relays(servers);
    let urls = servers.iter().flat_map(|server| &server.urls);
    let named = urls.filter(|url| url.starts_with("turn:") || url.starts_with("turns:"));
    let unusable = named.filter(|url| usable.iter().all(|relay| relay.url != **url));
    for url in unusable {
        chart.skip("turn", format!("{url}: media takes no such way"));
    }
    if usable.is_empty() {
        chart.skip("turn", "the server names no TURN server that media can use");
    }
    for relay in usable {
        let url = relay.url.clone();
        match Allocation::ask(relay, tls.clone()).await {
            Ok(allocation) => allocation.check(&url, found, chart).await,
            Err(cause) => chart.fail(
                "turn",
                format!("{url}: {cause}"),
                "is its port open, and do its name and, for TLS, its certificate fit?",
            ),
        }
    }
}

/// One that stands.
struct Allocation {
    address: SocketAddr,
    out: Outbox,
    packets: mpsc::Receiver<Datagram>,
    task: JoinHandle<()>,
}

impl Allocation {
    async fn ask(relay: Relay, tls: Tls) -> Result<Self, PathError> {
        let (into, packets) = mpsc::channel(16);
        let (news, mut told) = news();
        let (out, ends) = ends(0, Inbox { to: 0, into, news, wake: Arc::default() });
        let task = tokio::spawn(allocate(relay, tls, ends));
        match told.recv().await {
            Some(News::Open { local: address, .. }) => Ok(Self { address, out, packets, task }),
            Some(News::Ended { cause, .. }) => Err(cause),
            None => Err(PathError::Ended),
        }
    }

    async fn check(mut self, url: &str, found: Option<&Candidates>, chart: &mut Chart) {
        let address = self.address;
        match found {
            None => chart.pass("turn", format!("{url}: it relays at {address}")),
            Some(found) => match self.reaches(found).await {
                Some(server) => {
                    chart.pass(
                        "turn",
                        format!("{url}: it relays at {address}, and {server} answers through it"),
                    );
                }
                None => chart.fail(
                    "turn",
                    format!("{url}: it relays at {address}, and nothing of the server answers through it"),
                    "may it send to those addresses (`turn.allow_restricted_peer_cidrs` for private ones)?",
                ),
            },
        }
        drop(self.out);
        let _ended = self.task.await;
    }

    /// An address of the server that answers through it.
    async fn reaches(&mut self, found: &Candidates) -> Option<SocketAddr> {
        let request = media::request(found).ok()?;
        let asked = Message::from_bytes(&request).ok()?.transaction_id();
        for _ in 0..CHECKS {
            for (_, address) in found.addresses.iter().filter(|(carrier, _)| *carrier == Carrier::Udp) {
                let _lost = self.out.try_send((*address, request.clone()));
            }
            let answer = async {
                loop {
                    let packet = self.packets.recv().await?;
                    if stun::answers(&packet.bytes, asked) {
                        return Some(packet.remote);
                    }
                }
            };
            if let Ok(answered) = tokio::time::timeout(PAUSE, answer).await {
                return answered;
            }
        }
        None
    }
}
