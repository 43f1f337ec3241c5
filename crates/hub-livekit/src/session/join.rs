//! The way into a room.

use super::{Command, Inputs, Link, PUBLISHER, SUBSCRIBER, Session};
use crate::error::{Error, Result};
use crate::net;
use crate::room::{RoomEvent, RoomOptions, Roster};
use crate::transport::{Datagram, Peer, Sockets, local_addresses};
use livekit_protocol as proto;
use livekit_signaling::{SignalClient, SignalError, SignalOptions};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

/// The last version of LiveKit's protocol in which data channels are opened within their connection.
const PROTOCOL: u32 = 17;
/// How long resolving the server's name once more may take.
const RESOLUTION: Duration = Duration::from_secs(2);
/// Events that wait for their reader. A room of ten thousand fits.
const EVENTS: usize = 16_384;
const COMMANDS: usize = 64;
const DATAGRAMS: usize = 1_024;

pub(crate) struct Started {
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) roster: Roster,
    pub(crate) events: mpsc::Receiver<RoomEvent>,
    pub(crate) session: JoinHandle<()>,
}

pub(crate) async fn start(url: &str, token: &str, options: RoomOptions) -> Result<Started> {
    net::prepare(url, &options.tls)?;
    let (signal, joined, signals) =
        SignalClient::connect(url, token, signalling(&options), None).await.map_err(refused)?;
    let (into, datagrams) = mpsc::channel(DATAGRAMS);
    let addresses = local_addresses(&resolve(url).await);
    let publisher = link(&addresses, PUBLISHER, &into).await?;
    let subscriber = link(&addresses, SUBSCRIBER, &into).await?;
    let (commands, commanded) = mpsc::channel(COMMANDS);
    let (events, told) = mpsc::channel(EVENTS);
    let roster = Roster::default();
    let mut session = Session {
        signal,
        roster: Arc::clone(&roster),
        events,
        wake: Arc::new(Notify::new()),
        publisher,
        subscriber,
        changes: VecDeque::from([super::Change::Channels]),
        offer: 0,
        offered: String::new(),
        subscribed: None,
        publications: Vec::new(),
        listening: HashMap::new(),
        sections: HashMap::new(),
        refused: Vec::new(),
        outgoing: VecDeque::new(),
        options,
        ended: None,
        lost: None,
    };
    session.joined(joined);
    let session = tokio::spawn(session.run(Inputs { commands: commanded, signals, datagrams }));
    Ok(Started { commands, roster, events: told, session })
}

fn signalling(options: &RoomOptions) -> SignalOptions {
    let mut signalling = SignalOptions::default();
    signalling.auto_subscribe = options.auto_subscribe;
    signalling.protocol_version = PROTOCOL;
    signalling.client_capabilities = Vec::new();
    signalling.client_protocol = 0;
    signalling
}

pub(super) async fn link(addresses: &[IpAddr], which: usize, into: &mpsc::Sender<Datagram>) -> Result<Link> {
    let sockets = Sockets::bind(addresses, which, into).await;
    let peer = Peer::new(sockets.addresses(), Instant::now())?;
    Ok(Link { peer, sockets, described: false, early: Vec::new(), connected: false })
}

/// The addresses of the server's name; none where they are not found in time.
async fn resolve(url: &str) -> Vec<IpAddr> {
    let Ok(url) = reqwest::Url::parse(url) else { return Vec::new() };
    let (Some(host), port) = (url.host_str(), url.port().unwrap_or(443)) else { return Vec::new() };
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let found = tokio::time::timeout(RESOLUTION, tokio::net::lookup_host((host, port))).await;
    match found {
        Ok(Ok(found)) => found.map(|address| address.ip()).collect(),
        _ => Vec::new(),
    }
}

fn refused(cause: SignalError) -> Error {
    match cause {
        SignalError::Client(status, text) if [401, 403].contains(&status.as_u16()) => Error::Token(text),
        SignalError::TokenFormat => Error::Token("it has characters that no token has".to_owned()),
        SignalError::Timeout(_) => {
            Error::Timeout { what: "the join", within: livekit_signaling::JOIN_RESPONSE_TIMEOUT }
        }
        other => Error::Connect(net::chain(&other)),
    }
}

impl Session {
    fn joined(&mut self, joined: proto::JoinResponse) {
        let others = joined.other_participants;
        self.write_roster(|roster| {
            roster.room = joined.room.map(|room| room.name).unwrap_or_default();
            roster.local = joined.participant.as_ref().map(Into::into).unwrap_or_default();
        });
        self.participants(&others);
    }
}
