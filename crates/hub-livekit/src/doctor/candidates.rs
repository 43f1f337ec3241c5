//! The server's offer: its credentials and addresses, and an answer that makes it listen to us.

use crate::transport::{Carrier, candidate, candidates, fragment};
use serde::Deserialize;
use std::net::SocketAddr;

/// The password that we tell the server; what it signs with it is not looked at.
const OUR_PASSWORD: &str = "a-doctor-keeps-nothing-hidden-here";
/// Our name in ICE.
pub(super) const OUR_FRAGMENT: &str = "doctor";

/// Where the server listens, and how it knows friends.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// The server's name in ICE.
    pub(super) fragment: String,
    pub(super) password: String,
    pub(super) addresses: Vec<(Carrier, SocketAddr)>,
}

impl Candidates {
    /// Reads an offer and answers it; `None` for an offer that lacks what every offer has.
    pub(super) fn offered(&mut self, sdp: &str) -> Option<String> {
        let password = sdp.lines().find_map(|line| line.strip_prefix("a=ice-pwd:")).map(str::trim);
        fragment(sdp)?.clone_into(&mut self.fragment);
        password?.clone_into(&mut self.password);
        candidates(sdp).for_each(|found| self.add(Some(found)));
        Some(answer(sdp))
    }

    pub(super) fn add(&mut self, found: Option<(Carrier, SocketAddr)>) {
        let Some(found) = found else { return };
        if !self.addresses.contains(&found) {
            self.addresses.push(found);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fragment.is_empty() || self.addresses.is_empty()
    }
}

/// The address of a candidate that came by itself.
pub(super) fn of_json(text: &str) -> Option<(Carrier, SocketAddr)> {
    #[derive(Deserialize)]
    struct Init {
        candidate: String,
    }
    candidate(&serde_json::from_str::<Init>(text).ok()?.candidate)
}

/// Takes each line of media as it is offered, so that the two agree, with credentials of ours. DTLS would
/// fail at our fingerprint; it does not begin before ICE has chosen a pair, which we never do.
fn answer(offer: &str) -> String {
    let fingerprint = ["00"; 32].join(":");
    let mut answer = String::from("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
    let bundle = offer.lines().find(|line| line.starts_with("a=group:BUNDLE"));
    bundle.into_iter().for_each(|line| answer.extend([line, "\r\n"]));
    let mut in_media = false;
    for line in offer.lines() {
        if line.starts_with("m=") {
            in_media = true;
            answer.extend([line, "\r\nc=IN IP4 0.0.0.0\r\n"]);
            answer.extend(["a=ice-ufrag:", OUR_FRAGMENT, "\r\na=ice-pwd:", OUR_PASSWORD, "\r\n"]);
            answer.extend(["a=fingerprint:sha-256 ", &fingerprint, "\r\na=setup:active\r\n"]);
        } else if in_media && kept(line) {
            answer.extend([line.replace("sendonly", "recvonly").as_str(), "\r\n"]);
        }
    }
    answer
}

fn kept(line: &str) -> bool {
    let kept = ["a=mid:", "a=sctp-port:", "a=rtpmap:", "a=fmtp:", "a=rtcp-mux", "a=sendonly", "a=inactive"];
    kept.iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_gives_addresses_and_is_answered_line_for_line() {
        let offer = "v=0\r\na=group:BUNDLE 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\n\
            a=sctp-port:5000\r\na=ice-ufrag:them\r\na=ice-pwd:secret\r\na=setup:actpass\r\n\
            a=candidate:1 1 udp 2130706431 127.0.0.1 7882 typ host\r\n\
            a=candidate:2 1 tcp 1671430143 127.0.0.1 7881 typ host tcptype passive\r\n\
            a=candidate:3 1 tcp 1671430143 127.0.0.1 9 typ host tcptype active\r\n";
        let mut found = Candidates::default();
        let answer = found.offered(offer).unwrap();
        assert_eq!((found.fragment.as_str(), found.password.as_str()), ("them", "secret"));
        let udp = (Carrier::Udp, "127.0.0.1:7882".parse().unwrap());
        let tcp = (Carrier::Tcp, "127.0.0.1:7881".parse().unwrap());
        assert_eq!(found.addresses, [udp, tcp]);
        assert!(answer.contains("a=mid:0\r\n") && answer.contains("a=setup:active"), "{answer}");
        assert!(!answer.contains("candidate") && !answer.contains("secret") && !answer.contains("actpass"));
        assert!(Candidates::default().offered("v=0\r\n").is_none());
    }
}
