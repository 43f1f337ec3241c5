//! A client whose server says anything at all.
#![allow(clippy::unwrap_used, reason = "tests, and the builds of `fuzz/`, stop at the first surprise")]

use super::client::{Client, Doing};
use super::server::{Relay, RelayTransport};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use stun_types::attribute::{
    AttributeStaticType as _, AttributeType, ErrorCode, Fingerprint, MessageIntegrity,
    MessageIntegritySha256, RawAttribute,
};
use stun_types::message::{
    IntegrityAlgorithm, LongTermCredentials, Message, MessageClass, MessageType, MessageWrite as _,
    MessageWriteExt as _, MessageWriteVec,
};

const REALM: &str = "realm";
const REALM_TYPE: u16 = 0x0014;
const NONCE_TYPE: u16 = 0x0015;
/// More than a client may keep: requests, packets that wait, addresses.
const MOST: usize = 200;

pub(super) const PEER: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)), 7_882);

/// One that is known as `name` with the password `word`.
pub(super) fn client(stream: bool, now: Instant) -> Client {
    let relay = Relay {
        url: "turn:a.example".to_owned(),
        host: "a.example".to_owned(),
        port: 3_478,
        transport: if stream { RelayTransport::Tcp } else { RelayTransport::Udp },
        username: "name".to_owned(),
        password: "word".to_owned(),
    };
    let (local, remote) = ((Ipv4Addr::new(192, 0, 2, 1), 4_000), (Ipv4Addr::new(192, 0, 2, 2), 3_478));
    Client::new(&relay, local.into(), remote.into(), stream, now)
}

/// Plays what each part says, of which the first byte tells the kind: 0 a packet as it is, 1 an answer to the last
/// request, 2 one that is signed, 3 a question who we are, anything else a pause and a packet of ours.
///
/// Nothing panics, nothing is kept without bound, and the client always comes to rest. Answers where it relays.
pub(crate) fn rehearse<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Option<SocketAddr> {
    let mut now = Instant::now();
    let (mut client, mut asked) = (client(false, now), Vec::new());
    for part in parts {
        if !settle(&mut client, &mut asked, now) {
            break;
        }
        let [kind, content @ ..] = part else { continue };
        let packet = match kind {
            0 => Some(content.to_vec()),
            1 => answer(&asked, content, false),
            2 => answer(&asked, content, true),
            3 => challenge(&asked, content),
            _ => {
                now += Duration::from_secs(u64::from(content.first().copied().unwrap_or(1)));
                client.send(PEER, content.to_vec(), now);
                None
            }
        };
        if let Some(packet) = packet {
            let _carried = client.receive(packet, now);
        }
        now += Duration::from_millis(60);
        assert!(client.held() <= MOST, "{} things are kept", client.held());
    }
    client.relayed()
}

/// Answers whether it goes on.
fn settle(client: &mut Client, asked: &mut Vec<u8>, now: Instant) -> bool {
    for said in 0.. {
        assert!(said < 1_000, "it never comes to rest");
        match client.poll(now) {
            Doing::Send(packet) => {
                if packet.first().is_some_and(|first| first >> 6 == 0) {
                    *asked = packet;
                }
            }
            Doing::Relayed(_) => {}
            Doing::Ended(_) => return false,
            Doing::Idle(until) => {
                assert!(until > now, "it never rests");
                return true;
            }
        }
    }
    false
}

/// The content's first byte tells whether it is an error; attributes follow: a kind, a length and a value each.
fn answer(asked: &[u8], content: &[u8], signed: bool) -> Option<Vec<u8>> {
    let asked = Message::from_bytes(asked).ok()?;
    let [error, rest @ ..] = content else { return None };
    let class = if error % 2 == 1 { MessageClass::Error } else { MessageClass::Success };
    let kind = MessageType::from_class_method(class, asked.method());
    let mut answer = Message::builder(kind, asked.transaction_id(), MessageWriteVec::new());
    let mut rest = rest;
    while let [high, low, length, after @ ..] = rest {
        let (value, next) = after.split_at(usize::from(*length).min(after.len()));
        rest = next;
        let kind = AttributeType::new(u16::from_be_bytes([*high, *low]));
        // Signatures are written as such alone; those that are wrong come in packets as they are.
        if [MessageIntegrity::TYPE, MessageIntegritySha256::TYPE, Fingerprint::TYPE].contains(&kind) {
            continue;
        }
        // Some may stand once, or at the end: what cannot be written is left out.
        let _refused = answer.add_attribute(&RawAttribute::new(kind, value));
    }
    if signed {
        let key = LongTermCredentials::new("name".to_owned(), "word".to_owned()).to_key(REALM.to_owned());
        let _refused = answer.add_message_integrity(&key.into(), IntegrityAlgorithm::Sha1);
    }
    Some(answer.finish())
}

/// The content's first byte tells the code, the rest is the nonce.
fn challenge(asked: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    let asked = Message::from_bytes(asked).ok()?;
    let [code, nonce @ ..] = content else { return None };
    let codes = [401, 438, 400, 403, 437, 440, 441, 486, 508];
    let code = codes.get(usize::from(*code) % codes.len()).copied().unwrap_or(401);
    let kind = MessageType::from_class_method(MessageClass::Error, asked.method());
    let mut answer = Message::builder(kind, asked.transaction_id(), MessageWriteVec::new());
    answer.add_attribute(&ErrorCode::new(code, "who?").unwrap()).unwrap();
    for (kind, value) in [(REALM_TYPE, REALM.as_bytes()), (NONCE_TYPE, nonce)] {
        answer.add_attribute(&RawAttribute::new(AttributeType::new(kind), value)).unwrap();
    }
    Some(answer.finish())
}
