//! Sending one message to a collector, within its time.

use super::settings::Target;
use crate::tls::{TlsError, Trust};
use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// Rest before the first other try; it doubles.
const REST: Duration = Duration::from_millis(500);
/// Bytes of an answer that are read.
const ANSWER_BYTES: usize = 64 * 1024;

/// Why a message did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// No connection, or one that broke.
    #[error("nobody answers there")]
    Unreachable,
    /// The time was over.
    #[error("no answer in time")]
    Late,
    /// It was answered, with this status.
    #[error("it answers with status {0}")]
    Refused(u16),
}

/// A client for collectors. It follows no redirect, which would carry the headers elsewhere.
pub(super) fn client(roots: Option<&Path>) -> Result<Client, NoClient> {
    let builder = Trust::roots(roots).and_then(|trust| trust.http()).map_err(NoClient::Trust)?;
    builder.redirect(Policy::none()).build().map_err(NoClient::Client)
}

/// Why no collector can be reached from here.
#[derive(Debug, thiserror::Error)]
pub enum NoClient {
    /// The roots of the machine, or those that were named, cannot be used.
    #[error("the certificates to believe cannot be used")]
    Trust(#[source] TlsError),
    /// The settings make no client.
    #[error("no client can be made")]
    Client(#[source] reqwest::Error),
}

/// The way to a collector.
#[derive(Debug, Clone)]
pub(super) struct Post {
    client: Client,
    target: Target,
}

impl Post {
    pub(super) fn new(client: Client, target: Target) -> Self {
        Self { client, target }
    }

    /// Sends a message and answers what came back. A collector that is away or busy is asked again, as the
    /// protocol says, while there is time for it.
    pub(super) async fn send(&self, message: Vec<u8>) -> Result<Vec<u8>, Lost> {
        let until = Instant::now() + self.target.within;
        let mut rest = REST;
        loop {
            let tried = timeout_at(until, self.try_once(message.clone())).await;
            let (lost, hint) = match tried.unwrap_or(Err((Lost::Late, None))) {
                Ok(answer) => return Ok(answer),
                Err(lost) => lost,
            };
            let again = match lost {
                Lost::Unreachable => true,
                Lost::Late => false,
                Lost::Refused(status) => matches!(status, 429 | 502 | 503 | 504),
            };
            let pause = hint.unwrap_or(rest);
            if !again || Instant::now() + pause >= until {
                return Err(lost);
            }
            sleep(pause).await;
            rest *= 2;
        }
    }

    /// Sends it once; an error says when to come back, if the collector does.
    async fn try_once(&self, message: Vec<u8>) -> Result<Vec<u8>, (Lost, Option<Duration>)> {
        let request = self.client.post(self.target.url.clone()).headers(self.target.headers.clone());
        let request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        let mut response = request.body(message).send().await.map_err(|_| (Lost::Unreachable, None))?;
        let status = response.status();
        if !status.is_success() {
            let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            let hint = seconds.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
            return Err((Lost::Refused(status.as_u16()), hint));
        }
        let mut answer = Vec::new();
        while let Ok(Some(part)) = response.chunk().await {
            if answer.len() + part.len() > ANSWER_BYTES {
                break;
            }
            answer.extend_from_slice(&part);
        }
        Ok(answer)
    }

    /// Whether somebody takes such messages there: an empty one is a whole one.
    pub(super) async fn probe(&self) -> Result<(), Lost> {
        match timeout_at(Instant::now() + self.target.within, self.try_once(Vec::new())).await {
            Ok(tried) => tried.map(|_| ()).map_err(|(lost, _)| lost),
            Err(_) => Err(Lost::Late),
        }
    }
}
