//! Connectivity checks (RFC 8445, 7.2) to every address that the server names for media.

use super::candidates::{Candidates, OUR_FRAGMENT};
use super::report::Chart;
use super::stun::ask;
use crate::transport::{Carrier, Framing, Line};
use std::net::SocketAddr;
use stun_types::attribute::{AttributeType, RawAttribute, Username, XorMappedAddress};
use stun_types::message::{
    BINDING, IntegrityAlgorithm, Message, MessageClass, MessageWrite as _, MessageWriteExt as _,
    MessageWriteVec, ShortTermCredentials, StunWriteError,
};

/// Attributes of ICE (RFC 8445, 16.1).
const PRIORITY: u16 = 0x0024;
const ICE_CONTROLLED: u16 = 0x8029;
/// The priority of a peer-reflexive candidate of the first component (RFC 8445, 5.1.2.1).
const OUR_PRIORITY: u32 = (110 << 24) | (65_535 << 8) | 255;

pub(super) async fn look(candidates: &Candidates, chart: &mut Chart) {
    let udp = each(candidates, Carrier::Udp, chart, "udp").await;
    match (candidates.addresses.iter().any(|(way, _)| *way == Carrier::Tcp), udp) {
        (true, _) => {
            each(candidates, Carrier::Tcp, chart, "tcp").await;
        }
        (false, true) => chart.skip("tcp", "the server offers no ICE over TCP"),
        (false, false) => chart.warn(
            "tcp",
            "the server offers no ICE over TCP",
            "`rtc.tcp_port` in its settings helps who has no UDP",
        ),
    }
}

/// Asks each address of that kind; answers whether one can be used.
async fn each(candidates: &Candidates, way: Carrier, chart: &mut Chart, check: &'static str) -> bool {
    let of_kind = candidates.addresses.iter().filter(|(found, _)| *found == way);
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (_, address) in of_kind {
        match probe(candidates, way, *address).await {
            Ok(seen) => good.push(format!("{address} answers, and sees us as {seen}")),
            Err(why) => bad.push(format!("{address}: {why}")),
        }
    }
    let text = [good.as_slice(), bad.as_slice()].concat().join("; ");
    match (good.is_empty(), bad.is_empty()) {
        (false, true) => chart.pass(check, text),
        (false, false) => chart.warn(check, text, "an address that nobody reaches makes joining slower"),
        (true, false) => chart.fail(
            check,
            text,
            "is the port open in every firewall, and is the address one that is reached from here (`rtc.node_ip`)?",
        ),
        (true, true) => chart.fail(check, "the server names no address", "look at its settings `rtc`"),
    }
    !good.is_empty()
}

async fn probe(candidates: &Candidates, way: Carrier, to: SocketAddr) -> Result<SocketAddr, String> {
    let request = request(candidates).map_err(|cause| cause.to_string())?;
    let line = match way {
        Carrier::Udp => Line::udp(to).await,
        Carrier::Tcp => Line::tcp(to, Framing::Length).await,
    };
    let answer = ask(&mut line.map_err(|cause| cause.to_string())?, &request).await?;
    let answer = Message::from_bytes(&answer).map_err(|cause| cause.to_string())?;
    if !answer.has_class(MessageClass::Success) {
        return Err("it refuses us".to_owned());
    }
    let credentials = ShortTermCredentials::new(candidates.password.clone()).into();
    // Whoever answers knows the password that came by the websocket.
    answer.validate_integrity(&credentials).map_err(|_| "somebody else answers".to_owned())?;
    let mapped: XorMappedAddress = answer.attribute().map_err(|cause| cause.to_string())?;
    Ok(mapped.addr(answer.transaction_id()))
}

/// A connectivity check, as a participant of this name would make it.
pub(super) fn request(candidates: &Candidates) -> Result<Vec<u8>, StunWriteError> {
    let mut request = Message::builder_request(BINDING, MessageWriteVec::new());
    let username = format!("{}:{OUR_FRAGMENT}", candidates.fragment);
    request.add_attribute(&Username::new(&username)?)?;
    let priority = OUR_PRIORITY.to_be_bytes();
    request.add_attribute(&RawAttribute::new(AttributeType::new(PRIORITY), &priority))?;
    request.add_attribute(&RawAttribute::new(AttributeType::new(ICE_CONTROLLED), &[0; 8]))?;
    let credentials = ShortTermCredentials::new(candidates.password.clone()).into();
    request.add_message_integrity(&credentials, IntegrityAlgorithm::Sha1)?;
    request.add_fingerprint()?;
    Ok(request.finish())
}
