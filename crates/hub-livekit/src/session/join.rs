//! The way into a room.

use super::attempts::Outcome;
use super::detours::Detours;
use super::fallback::Allowed;
use super::signalling::Signalling;
use super::ways::Ways;
use super::{Change, Command, Inputs, Link, PUBLISHER, SUBSCRIBER, Session, streams};
use crate::error::{Error, Result};
use crate::net;
use crate::room::{IceTransportPolicy, RoomEvent, RoomOptions, Roster};
use crate::transport::{Datagram, Sockets, connection, local_addresses};
use livekit_protocol as proto;
use livekit_signaling::{SignalClient, SignalError, SignalEvents, SignalOptions};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinHandle, JoinSet};

/// The last version of LiveKit's protocol in which data channels are opened within their connection.
const PROTOCOL: u32 = 17;
/// How long resolving the server's name once more may take.
const RESOLUTION: Duration = Duration::from_secs(2);
/// Events that wait for their reader. A room of ten thousand fits.
pub(super) const EVENTS: usize = 16_384;
const COMMANDS: usize = 64;
const DATAGRAMS: usize = 1_024;

pub(crate) struct Started {
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) roster: Roster,
    pub(crate) events: mpsc::Receiver<RoomEvent>,
    pub(crate) session: JoinHandle<()>,
}

/// What a join brings.
pub(super) struct Joined {
    pub(super) client: SignalClient,
    pub(super) answer: proto::JoinResponse,
    pub(super) signals: SignalEvents,
    pub(super) publisher: Link,
    pub(super) subscriber: Link,
}

/// Where a session puts what it has to say.
pub(super) struct Outlets {
    pub(super) roster: Roster,
    pub(super) events: mpsc::Sender<RoomEvent>,
    pub(super) commands: mpsc::WeakSender<Command>,
    pub(super) outcomes: mpsc::Sender<Outcome>,
    pub(super) into: mpsc::Sender<Datagram>,
}

pub(crate) async fn start(url: &str, token: &str, options: RoomOptions) -> Result<Started> {
    net::prepare(url, &options.tls)?;
    let (into, datagrams) = mpsc::channel(DATAGRAMS);
    let joined = join(url, token, &options, &into).await?;
    let (commands, commanded) = mpsc::channel(COMMANDS);
    let (events, told) = mpsc::channel(EVENTS);
    let (outcomes, tried) = mpsc::channel(1);
    let roster = Roster::default();
    let outlets =
        Outlets { roster: Arc::clone(&roster), events, commands: commands.downgrade(), outcomes, into };
    let links = (joined.publisher, joined.subscriber);
    let mut session = Session::new(url, Signalling::new(joined.client), links, outlets, options);
    session.greet(joined.answer);
    let inputs = Inputs { commands: commanded, signals: joined.signals, datagrams, outcomes: tried };
    let session = tokio::spawn(session.run(inputs));
    Ok(Started { commands, roster, events: told, session })
}

impl Session {
    /// A session that was not greeted yet. The connections are the publisher's and the subscriber's.
    pub(super) fn new(
        url: &str,
        signal: Signalling,
        (publisher, subscriber): (Link, Link),
        outlets: Outlets,
        options: RoomOptions,
    ) -> Self {
        let Outlets { roster, events, commands, outcomes, into } = outlets;
        Self {
            url: url.to_owned(),
            signal,
            roster,
            events,
            commands,
            wake: Arc::new(Notify::new()),
            into,
            publisher,
            subscriber,
            relays: Vec::new(),
            ways: Ways::default(),
            changes: VecDeque::from([Change::Channels]),
            offering: None,
            offer: 0,
            subscribed: None,
            publications: Vec::new(),
            listening: HashMap::new(),
            sections: HashMap::new(),
            chosen: HashMap::new(),
            outgoing: VecDeque::new(),
            streams: streams::Incoming::default(),
            methods: HashMap::new(),
            calling: HashMap::new(),
            options,
            recovery: None,
            outcomes,
            attempts: JoinSet::new(),
            ended: None,
        }
    }
}

/// Joins, and makes the peer connections, which wait to be described.
pub(super) async fn join(
    url: &str,
    token: &str,
    options: &RoomOptions,
    into: &mpsc::Sender<Datagram>,
) -> Result<Joined> {
    let (client, answer, signals) = SignalClient::connect(url, token, signalling(options), None)
        .await
        .map_err(|cause| refused(cause, token))?;
    let links = async {
        check(&answer)?;
        let allowed = allowed(options, &answer);
        let addresses = match allowed.relays_alone {
            true => Vec::new(),
            false => local_addresses(&resolve(url).await),
        };
        let publisher = link(&addresses, allowed, PUBLISHER, into).await?;
        Ok((publisher, link(&addresses, allowed, SUBSCRIBER, into).await?))
    };
    match links.await {
        Ok((publisher, subscriber)) => Ok(Joined { client, answer, signals, publisher, subscriber }),
        Err(cause) => {
            client.close().await;
            Err(cause)
        }
    }
}

/// What signalling takes for granted in an answer.
fn check(answer: &proto::JoinResponse) -> Result<()> {
    let seconds = 1..=3_600;
    if answer.participant.is_none() {
        return Err(Error::Protocol("the server's answer names no participant".to_owned()));
    }
    if !seconds.contains(&answer.ping_interval) || !seconds.contains(&answer.ping_timeout) {
        return Err(Error::Protocol("the server's answer has no time for pings".to_owned()));
    }
    Ok(())
}

pub(super) fn signalling(options: &RoomOptions) -> SignalOptions {
    let mut signalling = SignalOptions::default();
    signalling.auto_subscribe = options.auto_subscribe;
    signalling.protocol_version = PROTOCOL;
    signalling.client_capabilities = Vec::new();
    signalling.client_protocol = 0;
    signalling
}

/// Which ways media may take: those that the caller allows, and fewer where the server says so.
fn allowed(options: &RoomOptions, answer: &proto::JoinResponse) -> Allowed {
    let relayed = answer
        .client_configuration
        .as_ref()
        .is_some_and(|configuration| configuration.force_relay() == proto::ClientConfigSetting::Enabled);
    let relays_alone = relayed || options.ice_transport_policy == IceTransportPolicy::Relay;
    Allowed { tcp: options.ice_tcp, relays_alone }
}

async fn link(
    addresses: &[IpAddr],
    allowed: Allowed,
    which: usize,
    into: &mpsc::Sender<Datagram>,
) -> Result<Link> {
    let sockets = Sockets::bind(addresses, which, into).await;
    if sockets.addresses().next().is_none() && !allowed.tcp && !allowed.relays_alone {
        return Err(Error::Transport("no address of this host can be used".to_owned()));
    }
    let peer = connection(sockets.addresses(), Instant::now())?;
    let detours = Detours::new(allowed);
    Ok(Link { peer, sockets, detours, described: false, early: Vec::new(), heard: Instant::now() })
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

/// Servers repeat the token that they refuse; errors and logs are read by more than may know it.
pub(super) fn without(text: &str, token: &str) -> String {
    if token.is_empty() { text.to_owned() } else { text.replace(token, "\u{2026}") }
}

fn refused(cause: SignalError, token: &str) -> Error {
    match cause {
        SignalError::Client(status, text) if [401, 403].contains(&status.as_u16()) => {
            Error::Token(without(&text, token))
        }
        SignalError::TokenFormat => Error::Token("it has characters that no token has".to_owned()),
        SignalError::Timeout(_) => {
            Error::Timeout { what: "the join", within: livekit_signaling::JOIN_RESPONSE_TIMEOUT }
        }
        other => Error::Connect(without(&net::chain(&other), token)),
    }
}
