//! The way into a room.

use super::attempts::Outcome;
use super::detours::Detours;
use super::early::Early;
use super::fallback::Allowed;
use super::negotiation::description;
use super::places::Places;
use super::regions::others;
use super::sections::Lacking;
use super::signalling::Signalling;
use super::tokens::AtHand;
use super::ways::Ways;
use super::{Change, Command, Inputs, Link, PUBLISHER, SUBSCRIBER, Session, streams};
use crate::error::{Error, Result};
use crate::net::{self, Reach};
use crate::room::{IceTransportPolicy, RoomEvent, RoomOptions, Roster};
use crate::transport::{Datagram, Sockets, connection, local_addresses};
use livekit_protocol as proto;
use livekit_signaling::{SignalClient, SignalError, SignalEvents, SignalOptions};
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinHandle, JoinSet};

/// The last version of LiveKit's protocol in which data channels are opened within their connection.
const PROTOCOL: u32 = 17;
/// Sections for tracks of others in the first offer of a connection for both ways; each that is lacking costs an
/// offer more, each that is there some bytes of the address that is asked for.
pub(super) const SLOTS: usize = 3;
/// How long resolving the server's name once more may take.
const RESOLUTION: Duration = Duration::from_secs(2);
/// Events that wait for their reader. A room of ten thousand fits.
pub(super) const EVENTS: usize = 16_384;
const COMMANDS: usize = 64;
const DATAGRAMS: usize = 1_024;
/// One attempt at a time, and errands beside it, none of which waits for another.
const OUTCOMES: usize = 8;

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
    pub(super) links: Links,
}

/// The peer connections of a stay.
pub(super) struct Links {
    pub(super) publisher: Link,
    /// `None` where the publisher's carries both ways.
    pub(super) subscriber: Option<Link>,
    /// What the publisher's offers already.
    pub(super) offered: Option<proto::SessionDescription>,
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
    let mut places = Places::new(url, options.addresses.clone());
    let (into, datagrams) = mpsc::channel(DATAGRAMS);
    let joined = enter(&mut places, token, &options, &into).await?;
    let (commands, commanded) = mpsc::channel(COMMANDS);
    let (events, told) = mpsc::channel(EVENTS);
    let (outcomes, tried) = mpsc::channel(OUTCOMES);
    let roster = Roster::default();
    let outlets =
        Outlets { roster: Arc::clone(&roster), events, commands: commands.downgrade(), outcomes, into };
    let signal = Signalling::new(joined.client);
    let mut session = Session::new(places, signal, joined.links, outlets, options);
    session.greet(joined.answer);
    session.look_around();
    let inputs = Inputs { commands: commanded, signals: joined.signals, datagrams, outcomes: tried };
    let session = tokio::spawn(session.run(inputs));
    Ok(Started { commands, roster, events: told, session })
}

impl Session {
    /// A session that was not greeted yet.
    pub(super) fn new(
        places: Places,
        signal: Signalling,
        links: Links,
        outlets: Outlets,
        options: RoomOptions,
    ) -> Self {
        let Outlets { roster, events, commands, outcomes, into } = outlets;
        let token = AtHand::new(signal.client().token(), Instant::now());
        Self {
            places,
            signal,
            roster,
            events,
            commands,
            wake: Arc::new(Notify::new()),
            into,
            publisher: links.publisher,
            subscriber: links.subscriber,
            relays: Vec::new(),
            ways: Ways::default(),
            changes: VecDeque::from_iter(links.offered.is_none().then_some(Change::Channels)),
            offering: links.offered.is_some().then_some(Change::Channels),
            offer: links.offered.as_ref().map_or(0, |offered| offered.id),
            offered: links.offered,
            lacking: Lacking::default(),
            early: Early::default(),
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
            resuming: false,
            token,
            errands: JoinSet::new(),
            ended: None,
        }
    }
}

/// Joins by one of the servers by which the room can be reached; each that never failed is tried.
pub(super) async fn enter(
    places: &mut Places,
    token: &str,
    options: &RoomOptions,
    into: &mpsc::Sender<Datagram>,
) -> Result<Joined> {
    let end = Instant::now() + options.give_up;
    loop {
        let (url, reach) = places.current();
        let joined = net::by(&reach, Box::pin(join(url, &reach, token, options, into))).await;
        let cause = match joined {
            Ok(joined) => {
                places.stands();
                return Ok(joined);
            }
            // What another server would answer too.
            Err(cause @ (Error::Net(_) | Error::Token(_))) => return Err(cause),
            Err(cause) => cause,
        };
        tracing::info!(%cause, "a server lets nobody in");
        let more = places.failed() || others(places, token, options).await;
        if !more || Instant::now() >= end {
            return Err(cause);
        }
    }
}

/// Joins, and makes the peer connections, which wait to be described.
async fn join(
    url: &str,
    reach: &Reach,
    token: &str,
    options: &RoomOptions,
    into: &mpsc::Sender<Datagram>,
) -> Result<Joined> {
    net::prepare(url, &options.tls)?;
    // What cannot be offered now is told by the join itself, which then has two connections.
    let first = if options.one_connection { both_ways(url, reach, options, into).await.ok() } else { None };
    let offer = first.as_ref().map(|(_, offer)| offer.clone());
    let (client, answer, signals) = SignalClient::connect(url, token, signalling(options, &offer), offer)
        .await
        .map_err(|cause| refused(cause, token))?;
    let links = async {
        check(&answer)?;
        let allowed = allowed(options, Some(&answer));
        // An old server knows nothing of one connection, and the client then joined as ever.
        if let Some((mut publisher, offer)) = first.filter(|_| client.is_single_pc_mode_active()) {
            if allowed.relays_alone {
                publisher.peer.move_to(&[]);
                publisher.sockets = Sockets::bind(&[], PUBLISHER, into).await;
                publisher.detours = Detours::new(allowed);
            }
            return Ok(Links { publisher, subscriber: None, offered: Some(offer) });
        }
        let addresses = match allowed.relays_alone {
            true => Vec::new(),
            false => addresses(url, reach).await,
        };
        let publisher = link(&addresses, allowed, PUBLISHER, into).await?;
        let subscriber = Some(link(&addresses, allowed, SUBSCRIBER, into).await?);
        Ok(Links { publisher, subscriber, offered: None })
    };
    match links.await {
        Ok(links) => Ok(Joined { client, answer, signals, links }),
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

pub(super) fn signalling(options: &RoomOptions, offer: &Option<proto::SessionDescription>) -> SignalOptions {
    let mut signalling = SignalOptions::default();
    signalling.single_peer_connection = offer.is_some();
    signalling.auto_subscribe = options.auto_subscribe;
    signalling.protocol_version = PROTOCOL;
    // Where else to go is decided here, in one place for both joins.
    signalling.region_failover = false;
    signalling.client_capabilities = Vec::new();
    signalling.client_protocol = 0;
    signalling
}

/// Which ways media may take: those that the caller allows, and fewer where the server says so.
fn allowed(options: &RoomOptions, answer: Option<&proto::JoinResponse>) -> Allowed {
    let configuration = answer.and_then(|answer| answer.client_configuration.as_ref());
    let relayed = configuration
        .is_some_and(|configuration| configuration.force_relay() == proto::ClientConfigSetting::Enabled);
    let relays_alone = relayed || options.ice_transport_policy == IceTransportPolicy::Relay;
    Allowed { tcp: options.ice_tcp, relays_alone }
}

/// A connection for both ways, and what it offers, with which the room is joined.
async fn both_ways(
    url: &str,
    reach: &Reach,
    options: &RoomOptions,
    into: &mpsc::Sender<Datagram>,
) -> Result<(Link, proto::SessionDescription)> {
    let allowed = allowed(options, None);
    let addresses = match allowed.relays_alone {
        true => Vec::new(),
        false => addresses(url, reach).await,
    };
    let mut publisher = link(&addresses, allowed, PUBLISHER, into).await?;
    let sdp = publisher.peer.offer_channels(SLOTS)?;
    Ok((publisher, description("offer", sdp, 1)))
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
    let (early, heard) = (Vec::new(), Instant::now());
    Ok(Link { peer, sockets, detours, described: false, early, heard, moved: false })
}

/// The addresses of this host by which a server is reached.
pub(super) async fn addresses(url: &str, reach: &Reach) -> Vec<IpAddr> {
    // Where signalling goes already, no name needs to be resolved once more.
    let known = reach.connected().into_iter().chain(reach.given().iter().map(SocketAddr::ip));
    match known.collect::<Vec<_>>().as_slice() {
        [] => local_addresses(&resolve(url).await),
        known => local_addresses(known),
    }
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
