//! How a request arrived: from where, and under which id.

use crate::telemetry::trace_of;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use hub_core::trace::TraceContext;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The header that carries a request's id in both directions.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Characters of an id that a caller may choose.
const ID_CHARS: usize = 64;

/// From where a request came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// How a request arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) peer: IpAddr,
    pub(crate) id: HeaderValue,
    /// The trace that it is a part of: the caller's, or one that begins here.
    pub(crate) trace: Option<TraceContext>,
}

impl Arrival {
    pub(crate) fn of(peer: Option<Peer>, headers: &HeaderMap) -> Self {
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0);
        let id = headers.get(REQUEST_ID).filter(|id| acceptable(id)).cloned();
        Self { peer, id: id.unwrap_or_else(next_id), trace: trace_of(headers) }
    }

    pub(crate) fn id(&self) -> &str {
        self.id.to_str().unwrap_or_default()
    }

    /// Which trace, as contexts and log lines name it.
    pub(crate) fn trace_id(&self) -> Option<String> {
        self.trace.as_ref().map(TraceContext::trace)
    }
}

/// Short, printable, and without characters that would need care in a log line.
fn acceptable(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=ID_CHARS).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte))
}

/// A counter behind a prefix that is random for each process: unique without randomness a request.
fn next_id() -> HeaderValue {
    static PREFIX: LazyLock<String> = LazyLock::new(|| {
        let random = uuid::Uuid::new_v4().simple().to_string();
        random.chars().take(10).collect()
    });
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let id = format!("{}-{}", *PREFIX, COUNT.fetch_add(1, Ordering::Relaxed));
    HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("none"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn id_for(sent: &[u8]) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_bytes(sent).unwrap());
        Arrival::of(None, &headers).id().to_owned()
    }

    #[test]
    fn a_short_plain_id_of_the_caller_is_kept_and_others_are_not() {
        assert_eq!(id_for(b"trace-7"), "trace-7");
        for bad in [b"".as_slice(), b"two words", "gr\u{fc}n".as_bytes(), &[b'x'; 65], b"a\"b"] {
            assert_ne!(id_for(bad).as_bytes(), bad);
        }
    }

    #[test]
    fn made_ids_differ() {
        assert_ne!(Arrival::of(None, &HeaderMap::new()).id(), Arrival::of(None, &HeaderMap::new()).id());
    }
}
