//! A websocket that carries binary frames.

use super::{Error, Tls, chain};
use rustls::pki_types::ServerName;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as Failure, error::UrlError};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream};

/// A connected websocket.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The longest message that is taken in: a room of ten thousand participants with metadata fits.
const MOST_MESSAGE_BYTES: usize = 32 << 20;

/// Opens a websocket. Headers that HTTP does not allow are an error.
pub(crate) async fn connect(
    url: &str,
    headers: &[(&str, &str)],
    tls: &Tls,
    within: Duration,
) -> Result<Socket, Error> {
    let mut request = url.into_client_request().map_err(|cause| told(&cause))?;
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable(name))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| unusable(name.as_str()))?;
        value.set_sensitive(true);
        request.headers_mut().insert(name, value);
    }
    // A name that TLS does not know is told before anything is sent.
    if let Some(host) = request.uri().host() {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        ServerName::try_from(host).map_err(|_| Error::Url("its host is no name".to_owned()))?;
    }
    let limits = WebSocketConfig::default()
        .max_message_size(Some(MOST_MESSAGE_BYTES))
        .max_frame_size(Some(MOST_MESSAGE_BYTES));
    let connector = Connector::Rustls(tls.config());
    let connecting =
        tokio_tungstenite::connect_async_tls_with_config(request, Some(limits), true, Some(connector));
    let connected = tokio::time::timeout(within, Box::pin(connecting)).await;
    let (socket, _response) = connected.map_err(|_| Error::Timeout)?.map_err(|cause| told(&cause))?;
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
