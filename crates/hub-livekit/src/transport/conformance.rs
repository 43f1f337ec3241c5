//! What every implementation of the port must do over every way that packets can take, shown by two of its
//! connections in one process: no socket, no server, and a time that the test makes. `tests/ways.rs` shows the same
//! of rooms of the real server.

use super::connection::{Carrier, Connection, Detour, Happening, Reliability};
use super::{Datagram, connection, tracks};
use crate::sound::Payload;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How far time goes at once where nothing else is to be done.
const STEP: Duration = Duration::from_millis(5);

/// What the packets of a test go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Udp,
    Tcp,
    Relayed,
}

impl Way {
    const fn detour(self, address: SocketAddr) -> Option<Detour> {
        match self {
            Self::Udp => None,
            Self::Tcp => Some(Detour::Tcp(address)),
            Self::Relayed => Some(Detour::Relayed(address)),
        }
    }
}

/// Runs each test over each way.
macro_rules! over_each_way {
    ($($name:ident),+ $(,)?) => {
        mod over_udp { $(#[test] fn $name() { super::$name(super::Way::Udp); })+ }
        mod over_tcp { $(#[test] fn $name() { super::$name(super::Way::Tcp); })+ }
        mod over_relays { $(#[test] fn $name() { super::$name(super::Way::Relayed); })+ }
    };
}

over_each_way! {
    messages_of_each_kind_arrive_whole,
    sound_arrives_once_in_order_and_unchanged,
    a_track_that_ends_is_sent_no_more_and_another_can_follow,
    a_network_that_is_cut_is_noticed_and_a_restart_finds_the_way_again,
    what_makes_no_sense_is_refused_and_leaves_everything_as_it_was,
    before_it_stands_messages_wait_with_their_sender,
    payload_types_that_nobody_agreed_on_are_passed_over,
}

/// One side, and what it told.
struct Side {
    connection: Box<dyn Connection>,
    address: SocketAddr,
    inbox: VecDeque<Datagram>,
    /// What carried the last packet that is not ICE's.
    carrier: Option<Carrier>,
    open: Vec<bool>,
    messages: Vec<(bool, Vec<u8>)>,
    sound: Vec<(String, u64, u32, Vec<u8>)>,
    disconnected: bool,
}

impl Side {
    fn new(way: Way, port: u16, now: Instant) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let detour = way.detour(address);
        let sockets = detour.is_none().then_some(address);
        let mut connection = connection(sockets.into_iter(), now).unwrap();
        if let Some(detour) = detour {
            connection.add_detour(detour, now).unwrap();
        }
        Self {
            connection,
            address,
            inbox: VecDeque::new(),
            carrier: None,
            open: Vec::new(),
            messages: Vec::new(),
            sound: Vec::new(),
            disconnected: false,
        }
    }

    fn drive(&mut self, now: Instant) -> Vec<Datagram> {
        self.connection.tick(now).unwrap();
        while let Some(datagram) = self.inbox.pop_front() {
            self.connection.receive(&datagram).unwrap();
        }
        let mut sent = Vec::new();
        loop {
            match self.connection.poll().unwrap() {
                Happening::Idle(at) if at <= now => self.connection.tick(now).unwrap(),
                Happening::Idle(_) => return sent,
                Happening::Transmit { carrier, from, to, bytes } => {
                    if bytes.first().is_some_and(|first| *first > 3) {
                        self.carrier = Some(carrier);
                    }
                    sent.push(Datagram { to: 0, carrier, local: to, remote: from, bytes, at: now });
                }
                Happening::Disconnected => self.disconnected = true,
                Happening::Open { reliable } => self.open.push(reliable),
                Happening::Message { reliable, bytes } => self.messages.push((reliable, bytes)),
                Happening::Sound { mid, sequence, timestamp, payload, .. } => {
                    self.sound.push((mid, sequence, timestamp, payload));
                }
            }
        }
    }
}

/// Two sides and the network between them.
struct Pair {
    way: Way,
    now: Instant,
    one: Side,
    other: Side,
    cut: bool,
    /// Each packet comes with a second, of which a bit is another.
    spoil: bool,
}

impl Pair {
    fn new(way: Way) -> Self {
        let now = Instant::now();
        let (one, other) = (Side::new(way, 4_001, now), Side::new(way, 4_002, now));
        Self { way, now, one, other, cut: false, spoil: false }
    }

    /// Takes an offer of the first to the second, and its answer back.
    fn agree(&mut self, offer: &str) {
        assert!(self.one.connection.is_offering());
        let answer = self.other.connection.accept_offer(offer, self.now).unwrap();
        self.one.connection.accept_answer(&answer, self.now).unwrap();
        assert!(!self.one.connection.is_offering());
    }

    fn step(&mut self) {
        self.now += STEP;
        let (there, back) = (self.one.drive(self.now), self.other.drive(self.now));
        for datagram in there.into_iter().chain(back).filter(|_| !self.cut) {
            // By a detour that was added on the way too.
            let to_one = datagram.local.port() % 2 == self.one.address.port() % 2;
            let side = if to_one { &mut self.one } else { &mut self.other };
            if self.spoil {
                let mut spoiled = datagram.clone();
                if let Some(last) = spoiled.bytes.last_mut() {
                    *last ^= 1;
                }
                side.inbox.push_back(spoiled);
            }
            side.inbox.push_back(datagram);
        }
    }

    fn until(&mut self, what: &str, within: Duration, mut holds: impl FnMut(&mut Self) -> bool) {
        let deadline = self.now + within;
        while !holds(self) {
            assert!(self.now < deadline, "not in {within:?}: {what}");
            self.step();
        }
    }

    /// Both sides stand, with both channels.
    fn standing(way: Way) -> Self {
        let mut pair = Self::new(way);
        let offer = pair.one.connection.offer_channels(0).unwrap();
        pair.agree(&offer);
        pair.until("both sides stand", Duration::from_secs(10), |pair| {
            pair.one.connection.is_connected() && pair.other.connection.is_connected()
        });
        pair.until("the channels open", Duration::from_secs(5), |pair| {
            pair.one.open.len() == 2 && pair.other.open.len() == 2
        });
        pair
    }

    fn publish(&mut self) -> String {
        let (offer, mid) = self.one.connection.offer_track("a-track").unwrap();
        let offered = tracks(&offer);
        assert_eq!(offered.last().map(|offered| offered.track.as_str()), Some("a-track"));
        self.agree(&offer);
        self.until("the track is taken", Duration::from_secs(1), |pair| pair.one.connection.is_sending(&mid));
        mid
    }

    fn speak(&mut self, mid: &str, number: u8) {
        let payload = Payload {
            data: vec![number; 60],
            timestamp: u32::from(number) * 960,
            marker: number == 0,
            red: false,
            sound: true,
            level: 20,
        };
        self.one.connection.write(mid, payload, self.now).unwrap();
        for _ in 0..4 {
            self.step();
        }
    }
}

fn messages_of_each_kind_arrive_whole(way: Way) {
    let mut pair = Pair::standing(way);
    let long: Vec<u8> = (0..50_000_u32).map(|number| number as u8).collect();
    assert!(pair.one.connection.send(Reliability::Reliable, &long).unwrap());
    assert!(pair.one.connection.send(Reliability::Lossy, b"short").unwrap());
    pair.until("both messages", Duration::from_secs(5), |pair| pair.other.messages.len() == 2);
    pair.other.messages.sort();
    assert_eq!(pair.other.messages, [(false, b"short".to_vec()), (true, long)]);
}

fn sound_arrives_once_in_order_and_unchanged(way: Way) {
    let mut pair = Pair::standing(way);
    let mid = pair.publish();
    pair.spoil = true;
    for number in 0..50 {
        pair.speak(&mid, number);
    }
    let heard = &pair.other.sound;
    let numbers: Vec<u8> = heard.iter().map(|(_, _, _, payload)| payload[0]).collect();
    assert_eq!(numbers, (0..50).collect::<Vec<u8>>());
    assert!(heard.iter().all(|(section, _, timestamp, payload)| {
        *section == mid && payload.len() == 60 && *timestamp == u32::from(payload[0]) * 960
    }));
    assert!(heard.windows(2).all(|pair| pair[1].1 == pair[0].1 + 1), "the sequence has a hole");
}

fn a_track_that_ends_is_sent_no_more_and_another_can_follow(way: Way) {
    let mut pair = Pair::standing(way);
    let mid = pair.publish();
    let offer = pair.one.connection.offer_end(&mid).unwrap();
    pair.agree(&offer);
    assert!(!pair.one.connection.is_sending(&mid));
    let second = pair.publish();
    assert_ne!(second, mid);
    pair.speak(&second, 7);
    assert_eq!(pair.other.sound.len(), 1);
}

#[test]
fn sections_for_sound_of_the_other_side_are_offered_again_and_no_more_than_are_wanted() {
    let mut pair = Pair::new(Way::Udp);
    let offer = pair.one.connection.offer_channels(2).unwrap();
    let sections = |offer: &str| (offer.matches("m=audio").count(), offer.matches("a=recvonly").count());
    assert_eq!(sections(&offer), (2, 2));
    // As a server answers that has nothing to send yet.
    let agree = |pair: &mut Pair, offer: &str| {
        let answer = pair.other.connection.accept_offer(offer, pair.now).unwrap();
        let answer = answer.replace("a=sendonly", "a=inactive");
        pair.one.connection.accept_answer(&answer, pair.now).unwrap();
    };
    agree(&mut pair, &offer);
    for (more, wanted) in [(0, 2), (0, 2), (3, 5), (0, 5)] {
        let offer = pair.one.connection.offer_receiving(more).unwrap();
        assert_eq!(sections(&offer), (wanted, wanted));
        agree(&mut pair, &offer);
    }
    pair.until("both sides stand", Duration::from_secs(10), |pair| {
        pair.one.connection.is_connected() && pair.other.connection.is_connected()
    });
    let offer = pair.one.connection.offer_restart().unwrap();
    assert_eq!(sections(&offer), (5, 5));
}

/// Nothing of video is ever taken, but what a server reads of it must be SDP.
#[test]
fn a_section_of_video_is_answered_with_a_codec_and_sound_beside_it_is_taken() {
    let mut pair = Pair::new(Way::Udp);
    let offer = pair.one.connection.offer_channels(1).unwrap();
    let (head, audio) = offer.split_at(offer.find("m=audio").unwrap());
    let video = audio.replace("m=audio", "m=video").replace("opus/48000/2", "VP8/90000");
    let mid = audio.lines().find_map(|line| line.strip_prefix("a=mid:")).unwrap().trim_end().to_owned();
    let audio = audio.replace(&format!("a=mid:{mid}"), "a=mid:sound").replace("a=recvonly", "a=sendonly");
    let group = head.lines().find(|line| line.starts_with("a=group:BUNDLE")).unwrap().to_owned();
    let head = head.replace(&group, &format!("{group} sound"));
    let answer = pair.other.connection.accept_offer(&format!("{head}{video}{audio}"), pair.now).unwrap();
    println!("{answer}");
    let sections: Vec<&str> = answer.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(sections.len(), 3);
    for section in sections {
        assert!(section.split_whitespace().count() > 3, "no SDP: {section}");
    }
}

fn a_network_that_is_cut_is_noticed_and_a_restart_finds_the_way_again(way: Way) {
    let mut pair = Pair::standing(way);
    let mid = pair.publish();
    pair.cut = true;
    pair.until("the loss", Duration::from_secs(60), |pair| pair.one.disconnected);
    pair.cut = false;
    let offer = pair.one.connection.offer_restart().unwrap();
    pair.agree(&offer);
    pair.until("the way again", Duration::from_secs(20), |pair| pair.one.connection.is_connected());
    pair.other.sound.clear();
    pair.until("sound again", Duration::from_secs(5), |pair| {
        pair.speak(&mid, 9);
        !pair.other.sound.is_empty()
    });
}

fn what_makes_no_sense_is_refused_and_leaves_everything_as_it_was(way: Way) {
    let mut pair = Pair::standing(way);
    for bytes in [Vec::new(), vec![0; 3], vec![0x80; 1_500], vec![22, 0xfe, 0xfd, 0], vec![0xff; 20]] {
        let (local, remote) = (pair.one.address, pair.other.address);
        for carrier in [Carrier::Udp, Carrier::Tcp] {
            pair.one.inbox.push_back(Datagram {
                to: 0,
                carrier,
                local,
                remote,
                bytes: bytes.clone(),
                at: pair.now,
            });
        }
    }
    assert!(pair.one.connection.accept_offer("v=0\r\nnonsense", pair.now).is_err());
    pair.one.connection.add_candidate("candidate:nonsense", pair.now).unwrap();
    pair.one.connection.accept_answer("no answer was asked for", pair.now).unwrap();
    pair.step();
    assert!(pair.one.connection.send(Reliability::Reliable, b"still here").unwrap());
    pair.until("the message", Duration::from_secs(5), |pair| !pair.other.messages.is_empty());
}

fn before_it_stands_messages_wait_with_their_sender(way: Way) {
    let mut pair = Pair::new(way);
    assert!(!pair.one.connection.send(Reliability::Reliable, b"too early").unwrap());
    let _offer = pair.one.connection.offer_channels(0).unwrap();
    pair.one.connection.forget_offer();
    assert!(!pair.one.connection.is_offering() && !pair.one.connection.is_connected());
}

/// A flood of 100 times the rate, by a way that repeats and spoils everything, of packets whose payload type, length
/// of header and padding lie: what was agreed on is heard, the rest is nowhere kept.
fn payload_types_that_nobody_agreed_on_are_passed_over(way: Way) {
    let mut pair = Pair::standing(way);
    let mid = pair.publish();
    pair.speak(&mid, 0);
    let carrier = if way == Way::Tcp { Carrier::Tcp } else { Carrier::Udp };
    let (local, remote) = (pair.other.address, pair.one.address);
    for number in 1..20 {
        for lie in 0..100_u8 {
            // Versions, counts of contributors, extensions and padding that are not there, and every payload type.
            let mut bytes = vec![0x80 | lie & 0x3f, lie.wrapping_mul(3), 0, number, 0, 0, 0, 0, 0, 0, 0, lie];
            bytes.resize(12 + usize::from(lie), 0xff);
            let datagram = Datagram { to: 0, carrier, local, remote, bytes, at: pair.now };
            pair.other.inbox.push_back(datagram);
        }
        pair.speak(&mid, number);
    }
    let numbers: Vec<u8> = pair.other.sound.iter().map(|(_, _, _, payload)| payload[0]).collect();
    assert_eq!(numbers, (0..20).collect::<Vec<u8>>());
    assert!(!pair.one.disconnected && !pair.other.disconnected);
}

#[test]
fn udp_is_preferred_to_tcp_and_tcp_to_a_relay() {
    let preferred = |ways: &[Way]| {
        let mut pair = Pair::new(ways[0]);
        for (at, way) in ways.iter().enumerate().skip(1) {
            for side in [&mut pair.one, &mut pair.other] {
                let mut address = side.address;
                address.set_port(address.port() + 10 * at as u16);
                side.connection.add_detour(way.detour(address).unwrap(), pair.now).unwrap();
            }
        }
        let offer = pair.one.connection.offer_channels(0).unwrap();
        pair.agree(&offer);
        pair.until("the channels open", Duration::from_secs(5), |pair| {
            pair.one.open.len() == 2 && pair.other.open.len() == 2
        });
        assert!(pair.one.connection.send(Reliability::Reliable, b"by which way?").unwrap());
        pair.until("the message", Duration::from_secs(5), |pair| !pair.other.messages.is_empty());
        pair.one.carrier
    };
    assert_eq!(preferred(&[Way::Udp, Way::Tcp, Way::Relayed]), Some(Carrier::Udp));
    assert_eq!(preferred(&[Way::Relayed, Way::Tcp]), Some(Carrier::Tcp));
}

#[test]
fn a_detour_that_is_gone_is_noticed_at_once_and_another_is_taken() {
    for way in [Way::Tcp, Way::Relayed] {
        let mut pair = Pair::standing(way);
        let gone = pair.way.detour(pair.one.address).unwrap();
        pair.one.connection.remove_detour(gone, pair.now).unwrap();
        pair.until("the loss", Duration::from_millis(200), |pair| pair.one.disconnected);
        // The same kind again, as after a restart of ICE over TCP.
        let offer = pair.one.connection.offer_restart().unwrap();
        pair.agree(&offer);
        let mut address = pair.one.address;
        address.set_port(address.port() + 100);
        pair.one.connection.add_detour(way.detour(address).unwrap(), pair.now).unwrap();
        pair.until("the way again", Duration::from_secs(5), |pair| pair.one.connection.is_connected());
        pair.until("a message", Duration::from_secs(5), |pair| {
            let _ = pair.one.connection.send(Reliability::Lossy, b"here").unwrap();
            !pair.other.messages.is_empty()
        });
    }
}
