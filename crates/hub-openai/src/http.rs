//! The request, within its bounds: of time, of bytes, and of where it goes.

use crate::hints::Headers;
use crate::settings::Settings;
use http_body_util::{BodyExt as _, Full};
use hub_core::Secret;
use hub_core::trace::TraceContext;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no answer, or none that is worth reading.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the settings make no client")]
    Client(#[source] Cause),
    #[error("no connection, or one that broke")]
    Connection(#[source] Cause),
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

/// A client that keeps its connections. It follows no redirect: that would carry the key and the words of
/// people elsewhere.
#[derive(Debug)]
pub(crate) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    uri: Uri,
    key: Option<Secret>,
    within: Duration,
    most_bytes: usize,
}

impl Http {
    pub(crate) fn new(settings: &Settings, key: Option<Secret>) -> Result<Self, Failure> {
        let client = |cause: Cause| Failure::Client(cause);
        let uri: Uri = format!("{}/responses", settings.base_url.trim_end_matches('/'))
            .parse()
            .map_err(|cause: hyper::http::uri::InvalidUri| client(cause.into()))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
            return Err(client("the base URL is neither http nor https".into()));
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|cause| client(cause.into()))?;
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = tls.with_root_certificates(roots).with_no_client_auth();
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            uri,
            key,
            within: Duration::from_secs(settings.timeout_seconds.max(1)),
            most_bytes: settings.max_answer_bytes,
        })
    }

    /// Sends a request, as a part of this trace, and reads its answer.
    pub(crate) async fn post(&self, body: &Value, trace: Option<TraceContext>) -> Result<Answered, Failure> {
        let exchanged = tokio::time::timeout(self.within, self.exchange(body, trace)).await;
        exchanged.unwrap_or(Err(Failure::Timeout))
    }

    /// Host and port of the server.
    pub(crate) fn server(&self) -> (&str, u16) {
        let default = if self.uri.scheme_str() == Some("http") { 80 } else { 443 };
        (self.uri.host().unwrap_or_default(), self.uri.port_u16().unwrap_or(default))
    }

    async fn exchange(&self, body: &Value, trace: Option<TraceContext>) -> Result<Answered, Failure> {
        let mut request = Request::new(Full::new(Bytes::from(body.to_string())));
        *request.method_mut() = Method::POST;
        request.uri_mut().clone_from(&self.uri);
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = &self.key {
            let bearer = HeaderValue::try_from(format!("Bearer {}", key.expose()));
            let mut bearer = bearer.map_err(|cause| Failure::Client(cause.into()))?;
            bearer.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, bearer);
        }
        if let Some(Ok(trace)) = trace.map(|trace| HeaderValue::try_from(trace.to_string())) {
            request.headers_mut().insert(HeaderName::from_static("traceparent"), trace);
        }
        let response =
            self.client.request(request).await.map_err(|cause| Failure::Connection(cause.into()))?;
        let (head, mut coming) = response.into_parts();
        let mut body = Vec::new();
        while let Some(frame) = coming.frame().await {
            let frame = frame.map_err(|cause| Failure::Connection(cause.into()))?;
            let Ok(part) = frame.into_data() else { continue };
            if body.len() + part.len() > self.most_bytes {
                return Err(Failure::TooLong);
            }
            body.extend_from_slice(&part);
        }
        Ok(Answered { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// The same text without the key, should a server repeat it.
    pub(crate) fn without_key(&self, text: &str) -> String {
        match &self.key {
            Some(key) if !key.expose().is_empty() => text.replace(key.expose(), "…"),
            _ => text.to_owned(),
        }
    }
}
