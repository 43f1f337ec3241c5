//! A websocket that carries binary frames.

use super::dial::dial;
use super::reach::{self, Reach};
use super::{Error, Tls, chain};
use rustls::pki_types::ServerName;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, Uri};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as Failure, error::UrlError};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream};

/// A connected websocket.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The longest message that is taken in: a room of ten thousand participants with metadata fits.
const MOST_MESSAGE_BYTES: usize = 32 << 20;

/// How long resolving a name may take.
const RESOLUTION: Duration = Duration::from_secs(3);

/// Opens a websocket at one of the server's addresses. Headers that HTTP does not allow are an error.
pub(crate) async fn connect(
    url: &str,
    headers: &[(&str, &str)],
    tls: &Tls,
    within: Duration,
) -> Result<Socket, Error> {
    let request = request(url, headers)?;
    let (end, reach) = (Instant::now() + within, reach::here());
    let mut left = addresses(request.uri(), &reach).await?;
    // The first to answer is asked first, and alone: a room that is joined twice throws out who was first.
    loop {
        let (stream, address) = tokio::time::timeout(remaining(end), dial(&left))
            .await
            .map_err(|_| Error::Timeout)?
            .map_err(|cause| Error::Connection(chain(&cause)))?;
        left.retain(|other| *other != address);
        let share = remaining(end) / u32::try_from(left.len() + 1).unwrap_or(1);
        let upgrading = upgrade(request.clone(), stream, tls);
        match tokio::time::timeout(share, upgrading).await.unwrap_or(Err(Error::Timeout)) {
            Ok(socket) => {
                reach.used(address);
                return Ok(socket);
            }
            // What one server cannot do another of the same name may.
            Err(cause) if cause.is_transient() && !left.is_empty() => reach.poor(address),
            Err(cause) => return Err(cause),
        }
    }
}

fn remaining(end: Instant) -> Duration {
    end.saturating_duration_since(Instant::now())
}

fn request(url: &str, headers: &[(&str, &str)]) -> Result<Request, Error> {
    let mut request = url.into_client_request().map_err(|cause| told(&cause))?;
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable(name))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| unusable(name.as_str()))?;
        value.set_sensitive(true);
        request.headers_mut().insert(name, value);
    }
    // A name that TLS does not know is told before anything is sent.
    ServerName::try_from(host(request.uri())?).map_err(|_| Error::Url("its host is no name".to_owned()))?;
    Ok(request)
}

fn host(uri: &Uri) -> Result<&str, Error> {
    let host = uri.host().ok_or_else(|| Error::Url("it has no host".to_owned()))?;
    Ok(host.trim_start_matches('[').trim_end_matches(']'))
}

/// Those that the caller named, or those of the name.
async fn addresses(uri: &Uri, reach: &Reach) -> Result<Vec<SocketAddr>, Error> {
    if !reach.given().is_empty() {
        return Ok(reach.order(reach.given()));
    }
    let secure = uri.scheme_str().is_some_and(|scheme| ["wss", "https"].contains(&scheme));
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let found = tokio::time::timeout(RESOLUTION, tokio::net::lookup_host((host(uri)?, port))).await;
    let found = found.map_err(|_| Error::Timeout)?.map_err(|cause| Error::Connection(chain(&cause)))?;
    Ok(reach.order(&found.collect::<Vec<_>>()))
}

async fn upgrade(request: Request, stream: TcpStream, tls: &Tls) -> Result<Socket, Error> {
    let limits = WebSocketConfig::default()
        .max_message_size(Some(MOST_MESSAGE_BYTES))
        .max_frame_size(Some(MOST_MESSAGE_BYTES));
    let connector = Connector::Rustls(tls.config());
    let upgrading =
        tokio_tungstenite::client_async_tls_with_config(request, stream, Some(limits), Some(connector));
    let (socket, _response) = Box::pin(upgrading).await.map_err(|cause| told(&cause))?;
    Ok(socket)
}

fn unusable(name: &str) -> Error {
    Error::Url(format!("the header {name} cannot be sent"))
}

fn told(failure: &Failure) -> Error {
    match failure {
        Failure::Http(response) => {
            let body = response.body().as_deref().unwrap_or_default();
            let body = body.get(..500).unwrap_or(body);
            Error::Status {
                status: response.status().as_u16(),
                text: super::without_tokens(String::from_utf8_lossy(body).trim()),
            }
        }
        Failure::Tls(_) => Error::Tls(chain(failure)),
        Failure::Url(UrlError::UnableToConnect(_)) => Error::Connection(chain(failure)),
        Failure::Url(_) | Failure::HttpFormat(_) => Error::Url(chain(failure)),
        // What rustls finds in a certificate arrives as a failure of reading.
        Failure::Io(cause) if cause.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
            Error::Tls(chain(failure))
        }
        _ => Error::Connection(chain(failure)),
    }
}
