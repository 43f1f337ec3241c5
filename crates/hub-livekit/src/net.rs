//! TLS, websockets and HTTP, as everything here that speaks to a LiveKit server uses them.
//!
//! The crypto provider is named in every configuration, so whatever else a program links, nothing panics
//! over two of them; and a server with a certificate of a private authority is reached by [`Tls`].
//!
//! `livekit-signaling` takes its transport from a place of the whole process. [`prepare`] puts ours there,
//! and keeps for each server which roots it is trusted by.

mod dial;
mod http;
mod reach;
pub(crate) mod regions;
mod signalling;
mod tls;
pub(crate) mod websocket;

pub(crate) use http::Http;
pub(crate) use reach::{Reach, by};
pub use signalling::prepare;
pub use tls::Tls;

/// Why a server could not be reached.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL cannot be used; the text says why.
    #[error("the URL cannot be used: {0}")]
    Url(String),
    /// A root certificate that the caller gave cannot be read.
    #[error("a root certificate cannot be read: {0}")]
    Root(String),
    /// The server's certificate is not what it should be, or TLS failed otherwise.
    #[error("TLS: {0}")]
    Tls(String),
    /// No answer in the time that was allowed.
    #[error("no answer in time")]
    Timeout,
    /// The server answered, but not as hoped for.
    #[error("the server answered with HTTP status {status}{}", said(text))]
    Status {
        /// The status of HTTP.
        status: u16,
        /// What the server said, cut to 500 bytes.
        text: String,
    },
    /// The connection could not be made, or broke.
    #[error("connection: {0}")]
    Connection(String),
}

fn said(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

impl Error {
    /// Whether the same call can succeed later without a change.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Timeout | Self::Connection(_) => true,
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            Self::Url(_) | Self::Root(_) | Self::Tls(_) => false,
        }
    }
}

/// A server that refuses a token repeats it: what it says is shown without.
pub(crate) fn without_tokens(text: &str) -> String {
    // The first part of a token is JSON in base64, so it begins as `{"` does.
    let word = |word: &str| if word.starts_with("eyJ") { "(a token)" } else { word }.to_owned();
    let separators = |c: char| !(c.is_ascii_alphanumeric() || ['.', '-', '_'].contains(&c));
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(separators) {
        let (found, after) = rest.split_at(at);
        shown.push_str(&word(found));
        let mut after = after.chars();
        shown.extend(after.next());
        rest = after.as_str();
    }
    shown + &word(rest)
}

/// Every message of an error and its causes, once each.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let message = cause.to_string();
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        source = cause.source();
    }
    text
}

/// The scheme by which HTTP or websockets reach the same server: `ws` is `http`, `wss` is `https`.
///
/// Without a slash at the end.
pub(crate) fn with_scheme(url: &str, websocket: bool) -> Result<String, Error> {
    let (scheme, rest) = url.split_once("://").ok_or_else(|| Error::Url("it has no scheme".to_owned()))?;
    let secure = match scheme {
        "ws" | "http" => false,
        "wss" | "https" => true,
        other => return Err(Error::Url(format!("the scheme {other} is not ws, wss, http or https"))),
    };
    let rest = rest.trim_end_matches('/');
    if rest.is_empty() || rest.starts_with(['/', '?', '#']) {
        return Err(Error::Url("it has no host".to_owned()));
    }
    let scheme = match (websocket, secure) {
        (true, false) => "ws",
        (true, true) => "wss",
        (false, false) => "http",
        (false, true) => "https",
    };
    Ok(format!("{scheme}://{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_a_server_repeats_is_not_shown() {
        let said = "invalid token: eyJ0eXAiOiJKV1QifQ.eyJleHAiOjE3fQ.2Vd9-_x, error: \u{e9}y";
        assert_eq!(without_tokens(said), "invalid token: (a token), error: \u{e9}y");
        assert_eq!(without_tokens("?access_token=eyJ0eXAi.a.b&x"), "?access_token=(a token)&x");
    }

    #[test]
    fn either_scheme_becomes_the_other_and_the_rest_stays() {
        assert_eq!(with_scheme("wss://a.example/x/", false).unwrap(), "https://a.example/x");
        assert_eq!(with_scheme("http://127.0.0.1:7880", true).unwrap(), "ws://127.0.0.1:7880");
        for wrong in ["", "a.example", "ftp://a.example", "wss://", "wss:///path"] {
            assert!(matches!(with_scheme(wrong, true), Err(Error::Url(_))), "{wrong}");
        }
    }
}
