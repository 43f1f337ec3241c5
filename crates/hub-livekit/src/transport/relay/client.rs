//! An allocation at a TURN server, without its socket: it is told the time and what comes, and tells what is to
//! be sent. The protocol is `turn-client-proto`'s; here stands what a server may not do to it.

use super::server::Relay;
use crate::transport::PathError;
use crate::transport::sockets::LARGEST;
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use stun_types::attribute::{ErrorCode, Nonce, Realm};
use stun_types::message::{Message, MessageClass, TransactionId};
use turn_client_proto::api::{Transmit, TurnConfig, TurnEvent, TurnPollRet, TurnRecvRet};
use turn_client_proto::client::TurnClient;
use turn_client_proto::prelude::{DelayedTransmitBuild as _, TurnClientApi as _};
use turn_client_proto::tcp::TurnClientTcp;
use turn_client_proto::types::message::CREATE_PERMISSION;
use turn_client_proto::types::{Instant as TurnInstant, TransportType, TurnCredentials};
use turn_client_proto::udp::TurnClientUdp;

/// A request goes out at 0, 0.25, 0.75, 1.75 and 3.25 s, and is given up a second and a half later.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_millis(1_500);
const REQUESTS: u32 = 5;
/// Nothing is looked at more often than this where nothing comes.
const LEAST_PAUSE: Duration = Duration::from_millis(2);
/// Packets that wait for the server's leave to send to an address.
const WAITING: usize = 16;
/// Addresses that are sent to; a server of LiveKit has few.
const PEERS: usize = 32;
/// How often leave to send to one address is asked for.
const ATTEMPTS: u8 = 3;
/// An allocation that may send nowhere so long after that was first wanted is of no use: a server names its
/// addresses in far less.
const USELESS: Duration = Duration::from_secs(5);
/// Requests whose answers are known.
const KNOWN: usize = 64;
/// A server that finds so many nonces old in a row will find each one so.
const CHALLENGES: u8 = 3;

/// What is next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// A packet for the server.
    Send(Vec<u8>),
    /// The allocation stands, at that address.
    Relayed(SocketAddr),
    Ended(PathError),
    /// Nothing happens before that moment.
    Idle(Instant),
}

/// An allocation.
pub(super) struct Client {
    turn: TurnClient,
    /// From where the time of `turn` counts.
    began: Instant,
    local: SocketAddr,
    remote: SocketAddr,
    relayed: Option<SocketAddr>,
    /// When it is of no use, unless leave to send to some address was given; with the last refusal of leave.
    useless: Option<(Instant, PathError)>,
    /// Some leave was given.
    permitted: bool,
    outgoing: VecDeque<Vec<u8>>,
    waiting: VecDeque<(SocketAddr, Vec<u8>)>,
    /// How often leave was asked for.
    asked: HashMap<IpAddr, u8>,
    /// Addresses for which a channel was asked for.
    channels: HashSet<SocketAddr>,
    /// The last requests.
    requests: VecDeque<TransactionId>,
    challenges: u8,
    refusal: Option<PathError>,
}

impl Client {
    /// One that is not asked for yet, over UDP or a stream between these addresses.
    pub(super) fn new(
        relay: &Relay,
        local: SocketAddr,
        remote: SocketAddr,
        stream: bool,
        now: Instant,
    ) -> Self {
        let mut config = TurnConfig::new(TurnCredentials::new(&relay.username, &relay.password));
        config.set_request_retransmits(FIRST_PAUSE, LONGEST_PAUSE, REQUESTS, LONGEST_PAUSE);
        let turn: TurnClient = if stream {
            TurnClientTcp::allocate(local, remote, config).into()
        } else {
            TurnClientUdp::allocate(local, remote, config).into()
        };
        Self {
            turn,
            began: now,
            local,
            remote,
            relayed: None,
            useless: None,
            permitted: false,
            outgoing: VecDeque::new(),
            waiting: VecDeque::new(),
            asked: HashMap::new(),
            channels: HashSet::new(),
            requests: VecDeque::new(),
            challenges: 0,
            refusal: None,
        }
    }

    /// Where it relays, once it does.
    pub(super) const fn relayed(&self) -> Option<SocketAddr> {
        self.relayed
    }

    /// Takes one whole packet of the server; answers what it carries of somebody else.
    pub(super) fn receive(&mut self, packet: Vec<u8>, now: Instant) -> Option<(SocketAddr, Vec<u8>)> {
        if packet.len() > LARGEST || !self.is_welcome(&packet) {
            return None;
        }
        let now = self.at(now);
        let transmit = Transmit::new(packet, self.turn.transport(), self.remote, self.local);
        match self.turn.recv(transmit, now) {
            TurnRecvRet::PeerData(data) => Some((data.peer, data.data().to_vec())),
            TurnRecvRet::Handled | TurnRecvRet::Ignored(_) | TurnRecvRet::PeerIcmp { .. } => None,
        }
    }

    /// Whether the protocol may see a packet: of what a server of good will never sends, some makes it panic or
    /// grow.
    fn is_welcome(&mut self, packet: &[u8]) -> bool {
        // Data of a channel.
        if packet.first().is_some_and(|first| first >> 6 == 1) {
            return packet.len() >= 4;
        }
        let Ok(message) = Message::from_bytes(packet) else { return false };
        match message.class() {
            MessageClass::Indication => true,
            // Servers ask nothing of who has allocated UDP.
            MessageClass::Request => false,
            MessageClass::Success | MessageClass::Error => {
                self.requests.contains(&message.transaction_id()) && self.is_answer(&message)
            }
        }
    }

    fn is_answer(&mut self, message: &Message<'_>) -> bool {
        // Its bytes are cut where a character may not end.
        let plain = |text: &str| text.is_ascii();
        let nonce = message.attribute::<Nonce>().is_ok_and(|nonce| !plain(nonce.nonce()));
        let realm = message.attribute::<Realm>().is_ok_and(|realm| !plain(realm.realm()));
        if nonce || realm {
            return false;
        }
        let error = message.attribute::<ErrorCode>().ok().filter(|_| message.has_class(MessageClass::Error));
        let Some(error) = error else { return true };
        // Another request follows such an answer, and this one is answered again where it was sent again.
        if [ErrorCode::UNAUTHORIZED, ErrorCode::STALE_NONCE].contains(&error.code()) {
            self.requests.retain(|request| *request != message.transaction_id());
        }
        if self.relayed.is_some() {
            if message.has_method(CREATE_PERMISSION)
                && let Some((_, why)) = &mut self.useless
            {
                *why = refused(&error);
            }
        } else {
            self.challenges = self.challenges.saturating_add(1);
            // The first answer asks who we are; a later one does not believe it.
            let asks = error.code() == ErrorCode::UNAUTHORIZED && self.challenges == 1;
            let hurries = error.code() == ErrorCode::STALE_NONCE && self.challenges <= CHALLENGES;
            if !asks && !hurries {
                self.refusal = Some(refused(&error));
            }
        }
        true
    }

    /// Takes a packet for somebody. It waits for the server's leave to send to that address, and is lost where
    /// there is none, as on any network.
    pub(super) fn send(&mut self, peer: SocketAddr, packet: Vec<u8>, now: Instant) {
        if self.relayed.is_none() || packet.len() > LARGEST {
            return;
        }
        let time = self.at(now);
        if !self.turn.have_permission(TransportType::Udp, peer.ip()) {
            self.useless.get_or_insert((now + USELESS, PathError::Timeout));
            self.ask_leave(peer.ip(), time);
            if self.waiting.len() >= WAITING {
                self.waiting.pop_front();
            }
            return self.waiting.push_back((peer, packet));
        }
        // A channel is 4 bytes more for each packet, and not 36; ICE alone is worth none (RFC 7983).
        let media = packet.first().is_some_and(|first| *first > 3);
        if media && self.channels.len() < PEERS && self.channels.insert(peer) {
            let _without = self.turn.bind_channel(TransportType::Udp, peer, time);
        }
        if let Ok(Some(built)) = self.turn.send_to(TransportType::Udp, peer, packet, time) {
            self.outgoing.push_back(built.data.build());
        }
    }

    fn ask_leave(&mut self, peer: IpAddr, now: TurnInstant) {
        if self.asked.len() >= PEERS && !self.asked.contains_key(&peer) {
            return;
        }
        let asked = self.asked.entry(peer).or_insert(0);
        // It is asked for once where the answer is awaited.
        if *asked < ATTEMPTS && self.turn.create_permission(TransportType::Udp, peer, now).is_ok() {
            *asked += 1;
        }
    }

    /// What is next; ask until it is [`Doing::Idle`].
    pub(super) fn poll(&mut self, now: Instant) -> Doing {
        if let Some(refusal) = self.refusal.take() {
            return Doing::Ended(refusal);
        }
        while let Some(event) = self.turn.poll_event() {
            if let Some(doing) = self.told(event, now) {
                return doing;
            }
        }
        let useless = self.useless.as_ref().filter(|_| !self.permitted);
        if let Some((_, why)) = useless.filter(|(at, _)| now >= *at) {
            return Doing::Ended(why.clone());
        }
        let useless = useless.map(|(at, _)| *at);
        if let Some(packet) = self.outgoing.pop_front() {
            return Doing::Send(packet);
        }
        let time = self.at(now);
        if let Some(transmit) = self.turn.poll_transmit(time) {
            let packet = transmit.data.as_ref().to_vec();
            self.remember(&packet);
            return Doing::Send(packet);
        }
        match self.turn.poll(time) {
            TurnPollRet::WaitUntil(until) => {
                let until = self.after(until, now);
                Doing::Idle(useless.map_or(until, |useless| until.min(useless)))
            }
            TurnPollRet::Closed if self.relayed.is_some() => Doing::Ended(PathError::Ended),
            TurnPollRet::Closed => Doing::Ended(PathError::Timeout),
            // Of TCP beyond the server nothing was asked for.
            TurnPollRet::AllocateTcpSocket { .. } | TurnPollRet::TcpClose { .. } => {
                Doing::Ended(PathError::Protocol)
            }
        }
    }

    fn told(&mut self, event: TurnEvent, now: Instant) -> Option<Doing> {
        match event {
            TurnEvent::AllocationCreated(_, relayed) => {
                self.relayed = Some(relayed);
                Some(Doing::Relayed(relayed))
            }
            TurnEvent::AllocationCreateFailed(_) if self.relayed.is_none() => {
                // A server that answers in time, and not as one does.
                let answered = self.challenges > 0;
                Some(Doing::Ended(if answered { PathError::Protocol } else { PathError::Timeout }))
            }
            TurnEvent::PermissionCreated(_, peer) => {
                self.permitted = true;
                self.asked.remove(&peer);
                let waiting = std::mem::take(&mut self.waiting).into_iter();
                let (allowed, others): (VecDeque<_>, _) = waiting.partition(|(to, _)| to.ip() == peer);
                self.waiting = others;
                allowed.into_iter().for_each(|(to, packet)| self.send(to, packet, now));
                None
            }
            TurnEvent::PermissionCreateFailed(_, peer) => {
                self.waiting.retain(|(to, _)| to.ip() != peer);
                None
            }
            TurnEvent::ChannelCreateFailed(_, peer) => {
                // Without it every packet tells its address; perhaps the next one is given.
                self.channels.remove(&peer);
                None
            }
            _ => None,
        }
    }

    /// Gives the allocation back: what is to be said is polled.
    pub(super) fn close(&mut self, now: Instant) {
        let _none = self.turn.delete(self.at(now));
    }

    /// How many things are kept.
    #[cfg(any(test, fuzzing))]
    pub(super) fn held(&self) -> usize {
        self.outgoing.len()
            + self.waiting.len()
            + self.asked.len()
            + self.channels.len()
            + self.requests.len()
    }

    fn remember(&mut self, packet: &[u8]) {
        if let Ok(message) = Message::from_bytes(packet) {
            let transaction = message.transaction_id();
            if !self.requests.contains(&transaction) {
                self.requests.push_back(transaction);
            }
            if self.requests.len() > KNOWN {
                self.requests.pop_front();
            }
        }
    }

    fn at(&self, now: Instant) -> TurnInstant {
        let nanoseconds = now.saturating_duration_since(self.began).as_nanos();
        TurnInstant::from_nanos(i64::try_from(nanoseconds).unwrap_or(i64::MAX))
    }

    fn after(&self, until: TurnInstant, now: Instant) -> Instant {
        let nanoseconds = u64::try_from(until.as_nanos()).unwrap_or(0);
        let until = self.began.checked_add(Duration::from_nanos(nanoseconds));
        let farthest = now + Duration::from_secs(3_600);
        until.unwrap_or(farthest).clamp(now + LEAST_PAUSE, farthest)
    }
}

fn refused(error: &ErrorCode) -> PathError {
    PathError::Refused { code: error.code(), reason: error.reason().chars().take(100).collect() }
}
