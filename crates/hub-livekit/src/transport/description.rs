//! What LiveKit writes into a description beside what the standards say.

use super::Carrier;
use std::net::SocketAddr;

/// An address at which the other side listens, by the text of a candidate (RFC 8839, 5.1); `None` for what is no
/// candidate, or one to which nobody connects.
pub(crate) fn candidate(text: &str) -> Option<(Carrier, SocketAddr)> {
    let words: Vec<&str> = text.strip_prefix("candidate:")?.split_whitespace().collect();
    let carrier = match words.get(2)?.to_ascii_lowercase().as_str() {
        "udp" => Carrier::Udp,
        "tcp" if words.contains(&"passive") => Carrier::Tcp,
        _ => return None,
    };
    Some((carrier, SocketAddr::new(words.get(4)?.parse().ok()?, words.get(5)?.parse().ok()?)))
}

/// The addresses in a description.
#[cfg(any(test, feature = "doctor"))]
pub(crate) fn candidates(sdp: &str) -> impl Iterator<Item = (Carrier, SocketAddr)> + '_ {
    sdp.lines().filter_map(|line| candidate(line.strip_prefix("a=")?))
}

/// The name of ICE in a description, which is another after each restart.
pub(crate) fn fragment(sdp: &str) -> Option<&str> {
    sdp.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).map(str::trim)
}

/// A track that a description offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) mid: String,
    pub(crate) track: String,
}

/// The tracks of a server's offer: `a=msid:PARTICIPANT|STREAM TRACK` in each section that is sent.
pub(crate) fn tracks(sdp: &str) -> Vec<Offered> {
    sdp.split("\nm=").skip(1).filter_map(section).collect()
}

fn section(section: &str) -> Option<Offered> {
    let value = |name: &str| section.lines().find_map(|line| line.trim_end().strip_prefix(name));
    let sent = section.lines().any(|line| matches!(line.trim_end(), "a=sendrecv" | "a=sendonly"));
    let mid = value("a=mid:")?;
    let track = value("a=msid:")?.split_whitespace().nth(1)?;
    sent.then(|| Offered { mid: mid.to_owned(), track: track.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sections_that_are_sent_name_their_track() {
        let sdp = "v=0\r\nm=application 9\r\na=mid:0\r\nm=audio 9\r\na=mid:1\r\na=sendrecv\r\n\
                   a=msid:PA_a|TR_b TR_b\r\nm=audio 0\r\na=mid:2\r\na=inactive\r\na=msid:PA_a TR_c\r\n";
        assert_eq!(tracks(sdp), [Offered { mid: "1".to_owned(), track: "TR_b".to_owned() }]);
    }

    #[test]
    fn addresses_at_which_somebody_listens_are_found() {
        let sdp = "v=0\r\na=ice-ufrag:them\r\n\
                   a=candidate:1 1 udp 2130706431 127.0.0.1 7882 typ host\r\n\
                   a=candidate:2 1 TCP 1671430143 ::1 7881 typ host tcptype passive\r\n\
                   a=candidate:3 1 tcp 1671430143 127.0.0.1 9 typ host tcptype active\r\n";
        let found: Vec<_> = candidates(sdp).collect();
        let udp = (Carrier::Udp, "127.0.0.1:7882".parse().unwrap());
        assert_eq!(found, [udp, (Carrier::Tcp, "[::1]:7881".parse().unwrap())]);
        assert_eq!(fragment(sdp), Some("them"));
        assert_eq!(candidate("candidate:1 1 udp 1 a.local 7882 typ host"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(?s)(candidate:)?.{0,300}") {
            let _ = (tracks(&text), candidate(&text), candidates(&text).count(), fragment(&text));
        }
    }
}
