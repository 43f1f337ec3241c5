//! Which TURN servers there are, as a join names them: URLs of RFC 7065 with a name and a password.

use livekit_protocol::IceServer;
use std::fmt;

/// More servers than a deployment names.
const MOST: usize = 8;
/// The longest name that a message of STUN holds (RFC 8489, 14.3), and more than any password needs.
const LONGEST: usize = 512;

/// How a TURN server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RelayTransport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
}

/// A TURN server, and what it knows this participant by.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Relay {
    /// As the server named it.
    pub(crate) url: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) transport: RelayTransport,
    pub(crate) username: String,
    pub(crate) password: String,
}

impl fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Relay").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The TURN servers among these, those over UDP first. What is none, or cannot be used, is left out.
pub(crate) fn relays(servers: &[IceServer]) -> Vec<Relay> {
    let named = servers.iter().flat_map(|server| server.urls.iter().map(move |url| (server, url)));
    let mut found: Vec<Relay> = Vec::new();
    for (server, url) in named {
        let usable = (1..=LONGEST).contains(&server.username.len()) && server.credential.len() <= LONGEST;
        let Some((transport, host, port)) = place(url).filter(|_| usable) else { continue };
        let (username, password) = (server.username.clone(), server.credential.clone());
        let relay = Relay { url: url.clone(), host, port, transport, username, password };
        if !found.contains(&relay) && found.len() < MOST {
            found.push(relay);
        }
    }
    found.sort_by_key(|relay| match relay.transport {
        RelayTransport::Udp => 0,
        RelayTransport::Tcp => 1,
        RelayTransport::Tls => 2,
    });
    found
}

/// How the server of a URL is reached, its host and its port.
fn place(url: &str) -> Option<(RelayTransport, String, u16)> {
    let (scheme, rest) = url.split_once(':')?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let carrier = query.split('&').find_map(|pair| pair.strip_prefix("transport="));
    let secure = match scheme.to_ascii_lowercase().as_str() {
        "turn" => false,
        "turns" => true,
        _ => return None,
    };
    let transport = match (secure, carrier.map(str::to_ascii_lowercase).as_deref()) {
        (false, None | Some("udp")) => RelayTransport::Udp,
        (false, Some("tcp")) => RelayTransport::Tcp,
        (true, None | Some("tcp")) => RelayTransport::Tls,
        // DTLS over UDP, and what is to come.
        _ => return None,
    };
    let usual = if secure { 5_349 } else { 3_478 };
    // The colons of an IPv6 address are inside brackets.
    let after = place.rfind(']').map_or(0, |at| at + 1);
    let colon = place.get(after..)?.rfind(':').map(|at| after + at);
    let (host, port) = match colon {
        Some(at) => (place.get(..at)?, place.get(at + 1..)?.parse().ok()?),
        None => (place, usual),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty() && port != 0).then(|| (transport, host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn named(urls: &[&str]) -> Vec<(RelayTransport, String, u16)> {
        let server = IceServer {
            urls: urls.iter().map(|url| (*url).to_owned()).collect(),
            username: "name".to_owned(),
            credential: "word".to_owned(),
        };
        relays(&[server]).into_iter().map(|relay| (relay.transport, relay.host, relay.port)).collect()
    }

    #[test]
    fn every_form_of_a_url_is_understood_and_udp_comes_first() {
        let found = named(&[
            "turns:a.example:443?transport=tcp",
            "turn:[2001:db8::1]?transport=tcp",
            "turn:a.example",
            "turn:192.0.2.1:3479?transport=udp",
            "turns:b.example",
            "stun:a.example:3478",
            "turns:a.example?transport=udp",
            "turn:",
            "turn:a.example:0",
            "turn:a.example:99999",
            "turn:a.example?transport=carrier-pigeon",
        ]);
        let expected = [
            (RelayTransport::Udp, "a.example", 3_478),
            (RelayTransport::Udp, "192.0.2.1", 3_479),
            (RelayTransport::Tcp, "2001:db8::1", 3_478),
            (RelayTransport::Tls, "a.example", 443),
            (RelayTransport::Tls, "b.example", 5_349),
        ];
        assert_eq!(found, expected.map(|(transport, host, port)| (transport, host.to_owned(), port)));
    }

    #[test]
    fn who_is_not_named_or_too_long_or_too_many_is_left_out() {
        let of = |username: &str| IceServer {
            urls: vec!["turn:a.example".to_owned()],
            username: username.to_owned(),
            credential: String::new(),
        };
        assert!(relays(&[of("")]).is_empty() && relays(&[of(&"n".repeat(513))]).is_empty());
        assert_eq!(relays(&[of("name"), of("name")]).len(), 1);
        let many: Vec<_> = (0..100).map(|number| of(&number.to_string())).collect();
        assert_eq!(relays(&many).len(), MOST);
        assert!(!format!("{:?}", relays(&[of("a-secret-name")])).contains("secret"));
    }

    proptest! {
        #[test]
        fn any_url_is_one_or_none(url in "(turns?:)?\\PC{0,40}") {
            let _ = named(&[&url]);
        }
    }
}
