//! One request over one connection: the host's addresses are looked at, and the one that was looked at is
//! the one that is connected to.

use crate::address::{Reach, reach};
use crate::ports::Resolver;
use crate::rule::Rule;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hub_core::{Error, Result};
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

/// Bytes of an answer's head.
const HEAD_BYTES: usize = 32 * 1024;
/// Headers of an answer.
const HEADERS: usize = 100;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether there was more of it.
    pub(crate) truncated: bool,
}

/// Makes requests.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) resolver: Arc<dyn Resolver>,
    tls: Arc<ClientConfig>,
    answer_bytes: usize,
}

/// Ends a task when it is dropped.
struct Ends(AbortHandle);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn unreachable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::unavailable("http_unreachable", "the service cannot be reached").because(cause)
}

fn unanswered(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::unavailable("http_unanswered", "the service did not answer as it should").because(cause)
}

impl Exchange {
    pub(crate) fn new(resolver: Arc<dyn Resolver>, answer_bytes: usize) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { resolver, tls: Arc::new(tls), answer_bytes })
    }

    /// Sends one request and reads its answer. No redirect is followed.
    pub(crate) async fn send(
        &self,
        rule: &Rule,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer> {
        let stream = self.connect(rule, url).await?;
        let request = request(method, url, headers, body)?;
        if url.scheme() == "https" {
            let name = match url.host() {
                Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()).map_err(unreachable)?,
                Some(Host::Ipv4(address)) => ServerName::IpAddress(IpAddr::V4(address).into()),
                Some(Host::Ipv6(address)) => ServerName::IpAddress(IpAddr::V6(address).into()),
                None => return Err(Error::internal("a URL without a host was let through")),
            };
            let stream =
                TlsConnector::from(self.tls.clone()).connect(name, stream).await.map_err(unreachable)?;
            self.speak(stream, request).await
        } else {
            self.speak(stream, request).await
        }
    }

    /// Connects to an address of the host, after every one of them was looked at: a name that leads to
    /// where nobody may go as well leads nowhere.
    async fn connect(&self, rule: &Rule, url: &Url) -> Result<TcpStream> {
        let addresses: Vec<IpAddr> = match url.host() {
            Some(Host::Domain(name)) => self.resolver.resolve(name).await.map_err(unreachable)?,
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            None => Vec::new(),
        };
        let port = url.port_or_known_default().unwrap_or(443);
        for address in &addresses {
            let allowed = match reach(*address) {
                Reach::Public => true,
                Reach::Private => rule.private,
                Reach::Never => false,
            };
            if !allowed {
                return Err(Error::denied(
                    "address_not_allowed",
                    "the host leads to an address that the agent may not reach",
                ));
            }
        }
        let mut last = None;
        for address in addresses {
            match TcpStream::connect(SocketAddr::new(address, port)).await {
                Ok(stream) => return Ok(stream),
                Err(cause) => last = Some(cause),
            }
        }
        Err(unreachable(last.unwrap_or_else(|| std::io::ErrorKind::NotFound.into())))
    }

    async fn speak<S>(&self, stream: S, request: Request<Full<Bytes>>) -> Result<Answer>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = hyper::client::conn::http1::Builder::new();
        builder.max_buf_size(HEAD_BYTES).max_headers(HEADERS);
        let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(unanswered)?;
        let _ends = Ends(tokio::spawn(connection).abort_handle());
        let response = sender.send_request(request).await.map_err(unanswered)?;
        self.read(response).await
    }

    async fn read(&self, response: Response<Incoming>) -> Result<Answer> {
        let (parts, mut incoming) = response.into_parts();
        let (mut body, mut truncated) = (BytesMut::new(), false);
        while let Some(frame) = incoming.frame().await {
            let Ok(bytes) = frame.map_err(unanswered)?.into_data() else { continue };
            let room = self.answer_bytes.saturating_sub(body.len());
            body.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
            if bytes.len() > room {
                truncated = true;
                break;
            }
        }
        Ok(Answer { status: parts.status, headers: parts.headers, body: body.freeze(), truncated })
    }
}

fn request(method: Method, url: &Url, headers: HeaderMap, body: Bytes) -> Result<Request<Full<Bytes>>> {
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = target.parse().map_err(Error::internal)?;
    *request.headers_mut() = headers;
    request.headers_mut().insert(HOST, HeaderValue::try_from(host).map_err(Error::internal)?);
    Ok(request)
}
