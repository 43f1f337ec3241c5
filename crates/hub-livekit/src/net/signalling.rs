//! What `livekit-signaling` connects with.

use super::http::Http;
use super::websocket::{self, Socket};
use super::{Error, Tls, with_scheme};
use async_trait::async_trait;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use livekit_net::{
    Header, HttpClient, HttpMethod, HttpResponse, TransportError, WsClient, WsConnectResult, WsConnection,
};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio_tungstenite::tungstenite::Message;

/// How long a request of signalling may take: the check of a token, and the list of regions.
const REQUEST_TIME: Duration = Duration::from_secs(10);

/// What was prepared, by scheme, host and port.
static PREPARED: OnceLock<RwLock<HashMap<String, Prepared>>> = OnceLock::new();

#[derive(Debug, Clone)]
struct Prepared {
    tls: Tls,
    http: Http,
}

/// Makes signalling connect by this crate's transport, and to the server of this URL with these roots.
///
/// A later call for the same server replaces the roots for connections that are made after it. Other
/// servers, such as those that a region's list names, are reached with public roots.
///
/// # Errors
/// [`Error::Url`] where the URL is none of a LiveKit server, [`Error::Tls`] where there is no TLS.
pub fn prepare(url: &str, tls: &Tls) -> Result<(), Error> {
    let prepared = Prepared { tls: tls.clone(), http: Http::new(tls)? };
    let key = key(url)?;
    let mut all = table().write().unwrap_or_else(PoisonError::into_inner);
    all.insert(key, prepared);
    drop(all);
    // Where somebody else was first, theirs stays: LiveKit's crate allows one in a process.
    livekit_net::set_ws_client(Arc::new(Transport));
    livekit_net::set_http_client(Arc::new(Transport));
    Ok(())
}

fn table() -> &'static RwLock<HashMap<String, Prepared>> {
    PREPARED.get_or_init(RwLock::default)
}

/// Scheme, host and port, however the rest of the URL goes on.
fn key(url: &str) -> Result<String, Error> {
    let url = with_scheme(url, true)?;
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(start..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(url.len(), |at| start + at);
    Ok(url.get(..end).unwrap_or(&url).to_ascii_lowercase())
}

fn prepared(url: &str) -> Result<Prepared, Error> {
    let all = table().read().unwrap_or_else(PoisonError::into_inner);
    if let Some(prepared) = all.get(&key(url)?) {
        return Ok(prepared.clone());
    }
    drop(all);
    let tls = Tls::public()?;
    Ok(Prepared { http: Http::new(&tls)?, tls })
}

/// The one transport of the process; it has no state of its own.
struct Transport;

#[async_trait]
impl WsClient for Transport {
    async fn connect(
        &self,
        url: String,
        headers: Vec<Header>,
        timeout_ms: u64,
    ) -> Result<WsConnectResult, TransportError> {
        let tls = prepared(&url)?.tls;
        let headers: Vec<_> = headers.iter().map(|Header { name, value }| (&**name, &**value)).collect();
        let within = Duration::from_millis(timeout_ms);
        let socket = Box::pin(websocket::connect(&url, &headers, &tls, within)).await?;
        let (writer, reader) = socket.split();
        let connection = Connection { writer: Mutex::new(writer), reader: Mutex::new(reader) };
        Ok(WsConnectResult { connection: Arc::new(connection) })
    }
}

#[async_trait]
impl HttpClient for Transport {
    async fn request(
        &self,
        method: HttpMethod,
        url: String,
        headers: Vec<Header>,
        body: Option<Vec<u8>>,
    ) -> Result<HttpResponse, TransportError> {
        let http = prepared(&url)?.http;
        let headers: Vec<_> = headers.iter().map(|Header { name, value }| (&**name, &**value)).collect();
        let answer = match method {
            HttpMethod::Get => http.get(&url, &headers, REQUEST_TIME).await?,
            HttpMethod::Post => http.post(&url, &headers, body.unwrap_or_default(), REQUEST_TIME).await?,
        };
        let headers = answer.headers.into_iter().map(|(name, value)| Header { name, value }).collect();
        Ok(HttpResponse { status: answer.status, headers, body: answer.body })
    }
}

struct Connection {
    writer: Mutex<SplitSink<Socket, Message>>,
    reader: Mutex<SplitStream<Socket>>,
}

#[async_trait]
impl WsConnection for Connection {
    async fn send(&self, frame: Vec<u8>) -> Result<(), TransportError> {
        let sent = self.writer.lock().await.send(Message::Binary(frame.into())).await;
        sent.map_err(|cause| TransportError::Connection(cause.to_string()))
    }

    async fn recv(&self) -> Result<Option<Vec<u8>>, TransportError> {
        let mut reader = self.reader.lock().await;
        loop {
            match reader.next().await {
                Some(Ok(Message::Binary(frame))) => return Ok(Some(frame.to_vec())),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(None),
                // The socket answers pings itself; text is not part of the protocol.
                Some(Ok(_)) => {}
            }
        }
    }

    async fn close(&self) {
        // Fails where the other side has closed already.
        let _ = self.writer.lock().await.close().await;
    }
}

impl From<Error> for TransportError {
    fn from(error: Error) -> Self {
        match error {
            Error::Timeout => Self::Timeout,
            Error::Status { status, .. } => Self::Http { status },
            Error::Connection(text) => Self::Connection(text),
            other @ (Error::Url(_) | Error::Root(_) | Error::Tls(_)) => Self::Connection(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_by_scheme_host_and_port() {
        let known = key("wss://Rooms.example:7443").unwrap();
        assert_eq!(known, key("https://rooms.example:7443/rtc/validate?access_token=x").unwrap());
        assert_ne!(known, key("ws://rooms.example:7443").unwrap());
        assert_ne!(known, key("wss://rooms.example").unwrap());
    }
}
