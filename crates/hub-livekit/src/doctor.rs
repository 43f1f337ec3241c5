//! Looks at a LiveKit server as a participant would reach it, one step after the other, and says what is
//! wrong and what would help. `hub-livekit doctor URL` prints it.
//!
//! Names, TCP, TLS, HTTP, the clock and the token come first; then a participant joins by the websocket,
//! sees what its token permits, and asks each address that the server names for media, over UDP and TCP, with
//! a connectivity check of ICE (RFC 8445), and each TURN server for an allocation (RFC 8656). No sound is
//! sent.

mod candidates;
mod media;
mod reach;
mod report;
mod room;
mod stun;
mod token;
mod turn;

use crate::net::{self, Tls};
use report::Chart;
pub use report::{Finding, Report, Verdict};
use std::time::Duration;

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is looked at.
#[derive(Debug, Clone)]
pub struct Patient {
    /// The server: `ws`, `wss`, `http` or `https`.
    pub url: String,
    /// A token for a room; without one only the way to the server is looked at.
    pub token: Option<String>,
    /// Whose certificates are believed.
    pub tls: Tls,
}

/// Looks at everything; what cannot be looked at, because an earlier step failed, is named as skipped.
pub async fn examine(patient: &Patient) -> Report {
    let mut chart = Chart::new(&patient.url);
    let reached = reach::look(patient, &mut chart).await;
    let token = patient.token.as_deref();
    let taken = match token {
        None => {
            chart.skip("token", "none was given: `--token`, or `--api-key` and `--api-secret`");
            false
        }
        Some(token) => {
            token::look(token, &mut chart) && reached && token::ask(patient, token, &mut chart).await
        }
    };
    match token {
        Some(token) if taken => room::look(patient, token, &mut chart).await,
        _ => ["websocket", "permissions", "udp", "tcp", "turn"]
            .into_iter()
            .for_each(|check| chart.skip(check, "what it needs is not there")),
    }
    chart.report()
}

/// What to do about a failure to connect.
fn advice(error: &net::Error) -> &'static str {
    match error {
        net::Error::Tls(_) => {
            "is the certificate for this name, and its authority a public one? `--root FILE` adds one"
        }
        net::Error::Timeout => "a firewall that swallows packets looks like this",
        net::Error::Connection(_) => "does the server run, and listen at this address and port?",
        net::Error::Status { status: 401 | 403, .. } => {
            "the key or its secret is another's, or the token too old"
        }
        net::Error::Status { .. } => "is that a LiveKit server, or a proxy before one?",
        net::Error::Url(_) | net::Error::Root(_) => "such as wss://rooms.example.com",
    }
}
