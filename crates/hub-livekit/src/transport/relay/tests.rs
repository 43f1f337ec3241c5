//! Allocations for hours of a clock that the tests move, and servers that are none.

use super::client::{Client, Doing};
use super::rehearsal::{self, PEER};
use crate::transport::PathError;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use stun_types::attribute::{ErrorCode, Nonce, Realm};
use stun_types::message::{
    IntegrityAlgorithm, LongTermCredentials, Message, MessageClass, MessageIntegrityCredentials, MessageType,
    MessageWrite as _, MessageWriteExt as _, MessageWriteVec, TransactionId,
};
use turn_client_proto::types::attribute::{ChannelNumber, Data, Lifetime, XorPeerAddress, XorRelayedAddress};
use turn_client_proto::types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, DATA, REFRESH, SEND};

const REALM: &str = "a-realm";
/// RFC 8656: of an allocation by default, of a permission, of a channel.
const ALLOCATION: Duration = Duration::from_secs(600);
const PERMISSION: Duration = Duration::from_secs(300);
const CHANNEL: Duration = Duration::from_secs(600);

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn key() -> MessageIntegrityCredentials {
    LongTermCredentials::new("name".to_owned(), "word".to_owned()).to_key(REALM.to_owned()).into()
}

/// A TURN server that forgets at once what was not refreshed in time.
#[derive(Default)]
struct Server {
    allocated: Option<Instant>,
    permitted: HashMap<IpAddr, Instant>,
    channels: HashMap<u16, (SocketAddr, Instant)>,
    nonces: u32,
    /// A nonce is good for so many requests.
    patience: Option<u32>,
    asked: u32,
    refuses: Option<u16>,
    forbids: bool,
    refreshes: u32,
    /// What it was given to relay, and whether by a channel.
    relayed: Vec<(SocketAddr, Vec<u8>, bool)>,
}

impl Server {
    fn nonce(&self) -> String {
        format!("nonce-{}", self.nonces)
    }

    fn take(&mut self, packet: &[u8], now: Instant) -> Option<Vec<u8>> {
        if packet[0] >> 6 == 1 {
            let number = u16::from_be_bytes([packet[0], packet[1]]);
            let length = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
            let (to, until) = self.channels[&number];
            assert!(until > now && self.allocated.unwrap() > now, "the channel is forgotten");
            self.relayed.push((to, packet[4..4 + length].to_vec(), true));
            return None;
        }
        let message = Message::from_bytes(packet).unwrap();
        if message.has_method(SEND) {
            let to = message.attribute::<XorPeerAddress>().unwrap().addr(message.transaction_id());
            assert!(self.permitted[&to.ip()] > now && self.allocated.unwrap() > now, "it is not permitted");
            self.relayed.push((to, message.attribute::<Data>().unwrap().data().to_vec(), false));
            return None;
        }
        self.asked += 1;
        if self.patience.is_some_and(|patience| self.asked > patience) {
            (self.asked, self.nonces) = (0, self.nonces + 1);
        }
        Some(match message.attribute::<Nonce>() {
            Err(_) => self.challenge(&message, ErrorCode::UNAUTHORIZED),
            Ok(nonce) if nonce.nonce() != self.nonce() => self.challenge(&message, ErrorCode::STALE_NONCE),
            Ok(_) => match self.refuses {
                Some(code) => self.challenge(&message, code),
                None => {
                    message.validate_integrity(&key()).unwrap();
                    self.grant(&message, now)
                }
            },
        })
    }

    fn challenge(&self, message: &Message<'_>, code: u16) -> Vec<u8> {
        let mut answer = Message::builder_error(message, MessageWriteVec::new());
        answer.add_attribute(&ErrorCode::new(code, "no").unwrap()).unwrap();
        answer.add_attribute(&Realm::new(REALM).unwrap()).unwrap();
        answer.add_attribute(&Nonce::new(&self.nonce()).unwrap()).unwrap();
        answer.finish()
    }

    fn grant(&mut self, message: &Message<'_>, now: Instant) -> Vec<u8> {
        let transaction = message.transaction_id();
        let to = message.attribute::<XorPeerAddress>().map(|peer| peer.addr(transaction));
        let mut answer = Message::builder_success(message, MessageWriteVec::new());
        let seconds = Lifetime::new(ALLOCATION.as_secs() as u32);
        match message.method() {
            ALLOCATE => {
                self.allocated = Some(now + ALLOCATION);
                let relayed = XorRelayedAddress::new(address("203.0.113.1:50000"), transaction);
                answer.add_attribute(&relayed).unwrap();
                answer.add_attribute(&seconds).unwrap();
            }
            REFRESH => {
                assert!(self.allocated.unwrap() > now, "the allocation is forgotten");
                let asked = message.attribute::<Lifetime>().unwrap().seconds();
                self.allocated = (asked > 0).then(|| now + ALLOCATION);
                self.refreshes += 1;
                let granted = Lifetime::new(if asked > 0 { seconds.seconds() } else { 0 });
                answer.add_attribute(&granted).unwrap();
            }
            CREATE_PERMISSION if self.forbids => {
                answer = Message::builder_error(message, MessageWriteVec::new());
                answer.add_attribute(&ErrorCode::new(403, "forbidden").unwrap()).unwrap();
            }
            CREATE_PERMISSION => {
                self.permitted.insert(to.unwrap().ip(), now + PERMISSION);
            }
            CHANNEL_BIND => {
                let number = message.attribute::<ChannelNumber>().unwrap().channel();
                self.channels.insert(number, (to.unwrap(), now + CHANNEL));
                self.permitted.insert(to.unwrap().ip(), now + PERMISSION);
            }
            other => panic!("{other:?}"),
        }
        answer.add_message_integrity(&key(), IntegrityAlgorithm::Sha1).unwrap();
        answer.finish()
    }
}

/// A client, its server, and their clock.
struct Pair {
    client: Client,
    server: Server,
    now: Instant,
    told: Vec<Doing>,
    sent: usize,
}

impl Pair {
    fn new(server: Server, stream: bool) -> Self {
        let now = Instant::now();
        let client = rehearsal::client(stream, now);
        Self { client, server, now, told: Vec::new(), sent: 0 }
    }

    /// Everything that is due; answers when the next is, or `None` after the end.
    fn settle(&mut self, answers: bool) -> Option<Instant> {
        loop {
            match self.client.poll(self.now) {
                Doing::Send(packet) => {
                    self.sent += 1;
                    assert!(self.sent < 10_000, "it never stops");
                    let answer = self.server.take(&packet, self.now).filter(|_| answers);
                    assert_eq!(answer.and_then(|answer| self.client.receive(answer, self.now)), None);
                }
                Doing::Idle(until) => return Some(until),
                Doing::Ended(cause) => {
                    self.told.push(Doing::Ended(cause));
                    return None;
                }
                other => self.told.push(other),
            }
        }
    }

    /// Lets time go on, whatever is told meanwhile.
    fn run(&mut self, how_long: Duration, answers: bool) {
        let end = self.now + how_long;
        while self.now < end {
            let Some(until) = self.settle(answers) else { return };
            self.now = until.clamp(self.now + Duration::from_millis(1), end);
        }
    }

    fn standing(server: Server) -> Self {
        let mut pair = Self::new(server, false);
        pair.run(Duration::from_secs(1), true);
        assert_eq!(pair.told, [Doing::Relayed(address("203.0.113.1:50000"))]);
        pair
    }

    fn ended(&self) -> &PathError {
        match self.told.last() {
            Some(Doing::Ended(cause)) => cause,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_is_sent_waits_for_leave_and_then_goes_by_a_channel() {
    let mut pair = Pair::standing(Server::default());
    // A check of ICE, and then something of DTLS.
    pair.client.send(PEER, vec![0, 1, 0, 0], pair.now);
    assert!(pair.server.relayed.is_empty());
    pair.run(Duration::from_secs(1), true);
    pair.client.send(PEER, vec![22; 5], pair.now);
    pair.run(Duration::from_secs(1), true);
    pair.client.send(PEER, vec![128; 6], pair.now);
    pair.run(Duration::from_millis(10), true);
    let expected = [(PEER, vec![0, 1, 0, 0], false), (PEER, vec![22; 5], false), (PEER, vec![128; 6], true)];
    assert_eq!(pair.server.relayed, expected);

    let number = *pair.server.channels.keys().next().unwrap();
    let [high, low] = number.to_be_bytes();
    let carried = pair.client.receive(vec![high, low, 0, 2, 7, 8], pair.now);
    assert_eq!(carried, Some((PEER, vec![7, 8])));
    let (transaction, kind) =
        (TransactionId::generate(), MessageType::from_class_method(MessageClass::Indication, DATA));
    let mut data = Message::builder(kind, transaction, MessageWriteVec::new());
    data.add_attribute(&XorPeerAddress::new(PEER, transaction)).unwrap();
    data.add_attribute(&Data::new(b"by an indication")).unwrap();
    let carried = pair.client.receive(data.finish(), pair.now);
    assert_eq!(carried, Some((PEER, b"by an indication".to_vec())));

    pair.client.close(pair.now);
    pair.run(Duration::from_secs(1), true);
    assert_eq!(pair.server.allocated, None);
}

#[test]
fn nothing_is_forgotten_in_three_hours_though_nonces_grow_old() {
    let mut pair = Pair::standing(Server { patience: Some(7), ..Server::default() });
    let (began, mut said) = (pair.now, 0_usize);
    while pair.now < began + Duration::from_secs(3 * 3_600) {
        // Longer than a permission without a word, now and then.
        let pause = if said.is_multiple_of(10) { 400 } else { 20 };
        pair.client.send(PEER, vec![128; 60], pair.now);
        said += 1;
        pair.run(Duration::from_secs(pause), true);
    }
    assert_eq!(pair.told.len(), 1, "{:?}", pair.told);
    assert_eq!(pair.server.relayed.len(), said);
    // Each a minute before its end: 20 of the allocation, and no more than twice as many.
    assert!((18..=40).contains(&pair.server.refreshes), "{}", pair.server.refreshes);
    assert!(pair.server.relayed.iter().filter(|(_, _, channel)| *channel).count() > said - 3);
    assert!(pair.server.nonces > 5);
}

#[test]
fn who_is_not_believed_is_told_so_in_a_second() {
    for code in [400, 401, 403, 486, 508] {
        let mut pair =
            Pair::new(Server { refuses: Some(code), patience: Some(1), ..Server::default() }, true);
        let began = pair.now;
        pair.run(Duration::from_secs(60), true);
        let expected = PathError::Refused { code, reason: "no".to_owned() };
        assert_eq!(pair.ended(), &expected);
        assert!(pair.now - began < Duration::from_secs(1), "{code}: {:?}", pair.now - began);
    }
    // A server that finds each nonce old.
    let mut pair = Pair::new(Server { patience: Some(0), ..Server::default() }, false);
    pair.run(Duration::from_secs(60), true);
    assert!(matches!(pair.ended(), PathError::Refused { code: 438, .. }), "{:?}", pair.told);
}

/// Over a network that takes longer than a quarter of a second, every request is sent more than once at first.
#[test]
fn an_answer_that_comes_twice_is_taken_once() {
    let mut pair = Pair::new(Server { patience: Some(2), ..Server::default() }, false);
    let until = pair.now + Duration::from_secs(10);
    let mut late = Vec::new();
    while pair.now < until && pair.told.is_empty() {
        let next = loop {
            match pair.client.poll(pair.now) {
                Doing::Send(packet) => {
                    let answer = pair.server.take(&packet, pair.now);
                    late.push((pair.now + Duration::from_millis(600), answer.unwrap()));
                }
                Doing::Idle(until) => break until,
                other => pair.told.push(other),
            }
        };
        let came = late.first().map_or(next, |(at, _)| *at);
        pair.now = next.min(came);
        for (_, answer) in late.extract_if(.., |(at, _)| *at <= pair.now) {
            pair.client.receive(answer, pair.now);
        }
    }
    assert_eq!(pair.told, [Doing::Relayed(address("203.0.113.1:50000"))]);
}

#[test]
fn who_never_answers_is_given_up_after_five_seconds() {
    for (stream, requests) in [(false, 5), (true, 1)] {
        let mut pair = Pair::new(Server::default(), stream);
        let began = pair.now;
        pair.run(Duration::from_secs(60), false);
        assert_eq!((pair.ended(), pair.sent), (&PathError::Timeout, requests));
        let took = pair.now - began;
        assert!((4_500..5_500).contains(&took.as_millis()), "{took:?}");
    }
}

#[test]
fn a_server_that_falls_silent_ends_the_allocation_when_its_time_is_over() {
    let mut pair = Pair::standing(Server::default());
    let began = pair.now;
    pair.run(Duration::from_secs(3_600), false);
    assert_eq!(pair.ended(), &PathError::Ended);
    assert!(pair.now - began <= ALLOCATION + Duration::from_secs(10), "{:?}", pair.now - began);
}

#[test]
fn an_address_to_which_nothing_may_go_is_asked_for_thrice_and_costs_no_memory() {
    let mut pair = Pair::standing(Server::default());
    let allowed = address("198.51.100.8:7882");
    pair.client.send(allowed, vec![0; 100], pair.now);
    pair.run(Duration::from_millis(100), true);
    pair.server.forbids = true;
    let before = pair.sent;
    for _ in 0..1_000 {
        pair.client.send(PEER, vec![0; 100], pair.now);
        pair.run(Duration::from_millis(100), true);
    }
    assert_eq!(pair.sent - before, 3);
    assert_eq!(pair.told.len(), 1, "it serves the other address: {:?}", pair.told);
    for number in 0..1_000_u32 {
        let to = SocketAddr::from(((0x0a00_0000 + number).to_be_bytes(), 9));
        pair.client.send(to, vec![0; 1_000], pair.now);
    }
    assert!(pair.client.held() <= 64, "{}", pair.client.held());
}

#[test]
fn an_allocation_that_may_send_nowhere_is_given_up_and_says_why() {
    for (answers, expected) in [
        (true, PathError::Refused { code: 403, reason: "forbidden".to_owned() }),
        (false, PathError::Timeout),
    ] {
        let mut pair = Pair::standing(Server { forbids: true, ..Server::default() });
        pair.run(Duration::from_secs(60), true);
        assert_eq!(pair.told.len(), 1, "nothing was asked of it: {:?}", pair.told);
        let mut pair = Pair::standing(Server { forbids: true, ..Server::default() });
        let began = pair.now;
        while pair.told.len() == 1 && pair.now < began + Duration::from_secs(60) {
            pair.client.send(PEER, vec![0; 100], pair.now);
            pair.run(Duration::from_millis(100), answers);
        }
        assert_eq!(pair.ended(), &expected);
        let took = pair.now - began;
        assert!((4_900..5_500).contains(&took.as_millis()), "{took:?}");
    }
}

/// The nonce's security bits are cut out of its text by bytes (RFC 8489, 9.2).
#[test]
fn a_nonce_of_which_a_character_would_be_cut_is_passed_over() {
    let mut pair = Pair::new(Server::default(), false);
    let Doing::Send(request) = pair.client.poll(pair.now) else { panic!("no request") };
    let request = Message::from_bytes(&request).unwrap();
    let mut answer = Message::builder_error(&request, MessageWriteVec::new());
    answer.add_attribute(&ErrorCode::new(401, "who?").unwrap()).unwrap();
    answer.add_attribute(&Realm::new(REALM).unwrap()).unwrap();
    answer.add_attribute(&Nonce::new("obMatJos2abc\u{e9}").unwrap()).unwrap();
    assert_eq!(pair.client.receive(answer.finish(), pair.now), None);
    pair.run(Duration::from_secs(1), true);
    assert_eq!(pair.told.len(), 1, "the true answer is taken: {:?}", pair.told);
}
