//! The request, within its bounds: of time, of bytes, and of where it goes.

use crate::hints::Headers;
use crate::settings::Settings;
use hub_core::Secret;
use reqwest::header::HeaderMap;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Why there is no answer, or none that is worth reading.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the settings make no client")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("no connection, or one that broke")]
    Connection(#[source] reqwest::Error),
    #[error("no whole answer in time")]
    Timeout,
    #[error("the answer is longer than is read")]
    TooLong,
}

/// What the server answered, whatever its status.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Headers for HeaderMap {
    fn value(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str().ok()
    }
}

/// A client that keeps its connections.
#[derive(Debug)]
pub(crate) struct Http {
    client: reqwest::Client,
    url: reqwest::Url,
    key: Option<Secret>,
    within: Duration,
    most_bytes: usize,
}

impl Http {
    pub(crate) fn new(settings: &Settings, key: Option<Secret>) -> Result<Self, Failure> {
        let client = |cause: Box<dyn std::error::Error + Send + Sync>| Failure::Client(cause);
        let provider = Arc::new(ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.map_err(|cause| client(cause.into()))?;
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = tls.with_root_certificates(roots).with_no_client_auth();
        // A redirected request would carry the key and the words of people elsewhere.
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let url = format!("{}/responses", settings.base_url.trim_end_matches('/'));
        let url = reqwest::Url::parse(&url).map_err(|cause| client(cause.into()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(client("the base URL is neither http nor https".into()));
        }
        Ok(Self {
            client: builder.tls_backend_preconfigured(tls).build().map_err(|cause| client(cause.into()))?,
            url,
            key,
            within: Duration::from_secs(settings.timeout_seconds.max(1)),
            most_bytes: settings.max_answer_bytes,
        })
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn post(&self, body: &Value) -> Result<Answered, Failure> {
        let request = self.client.post(self.url.clone()).timeout(self.within).json(body);
        let request = match &self.key {
            Some(key) => request.bearer_auth(key.expose()),
            None => request,
        };
        let mut response = request.send().await.map_err(failure)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(failure)? {
            if body.len() + part.len() > self.most_bytes {
                return Err(Failure::TooLong);
            }
            body.extend_from_slice(&part);
        }
        Ok(Answered { status, headers, body })
    }

    /// The same text without the key, should a server repeat it.
    pub(crate) fn without_key(&self, text: &str) -> String {
        match &self.key {
            Some(key) if !key.expose().is_empty() => text.replace(key.expose(), "…"),
            _ => text.to_owned(),
        }
    }
}

fn failure(cause: reqwest::Error) -> Failure {
    if cause.is_timeout() { Failure::Timeout } else { Failure::Connection(cause.without_url()) }
}
