//! The websocket to `/agent`: binary frames of `WorkerMessage` and `ServerMessage`.

use super::{Error, Options};
use crate::net::{self, chain, websocket};
use futures_util::{SinkExt as _, StreamExt as _};
use livekit_api::access_token::VideoGrants;
use livekit_protocol as proto;
use prost::Message as _;
use proto::{server_message, worker_message};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio_tungstenite::tungstenite::Message;

/// How long it may take to connect, and to be registered.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the token is good: it is needed once, when the socket opens.
const TOKEN_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// A connection on which the worker is registered.
pub(super) struct Socket {
    inner: websocket::Socket,
}

/// What the server said when it took the worker.
pub(super) struct Registered {
    pub(super) worker: String,
    pub(super) server: String,
}

impl Socket {
    pub(super) async fn open(options: &Options) -> Result<(Self, Registered), Error> {
        let grants = VideoGrants { agent: true, ..VideoGrants::default() };
        let token = options.keys.own(grants, TOKEN_LIFETIME).map_err(Error::Token)?;
        let token = format!("Bearer {token}");
        let url = format!("{}/agent?protocol=1", net::with_scheme(&options.url, true)?);
        let headers = [("authorization", token.as_str())];
        let inner = Box::pin(websocket::connect(&url, &headers, &options.tls, PATIENCE)).await?;
        let mut socket = Self { inner };
        socket.send(worker_message::Message::Register(register(options))).await?;
        let registered = tokio::time::timeout(PATIENCE, socket.registered()).await;
        let registered = registered.map_err(|_| net::Error::Timeout)??;
        Ok((socket, registered))
    }

    async fn registered(&mut self) -> Result<Registered, Error> {
        loop {
            if let Some(server_message::Message::Register(answer)) = self.receive().await? {
                let server = answer.server_info.map(|info| info.version).unwrap_or_default();
                return Ok(Registered { worker: answer.worker_id, server });
            }
        }
    }

    pub(super) async fn send(&mut self, message: worker_message::Message) -> Result<(), Error> {
        let frame = proto::WorkerMessage { message: Some(message) }.encode_to_vec();
        let sent = self.inner.send(Message::Binary(frame.into())).await;
        sent.map_err(|cause| Error::Closed(chain(&cause)))
    }

    /// The next message; `None` is one that this version does not know. Cancelling it loses nothing.
    pub(super) async fn receive(&mut self) -> Result<Option<server_message::Message>, Error> {
        loop {
            match self.inner.next().await {
                Some(Ok(Message::Binary(frame))) => {
                    let message = proto::ServerMessage::decode(frame);
                    return match message {
                        Ok(message) => Ok(message.message),
                        Err(cause) => Err(Error::Protocol(cause.to_string())),
                    };
                }
                Some(Ok(Message::Close(frame))) => {
                    let why = frame.map(|frame| frame.reason.to_string()).unwrap_or_default();
                    return Err(Error::Closed(why));
                }
                Some(Ok(_)) => {}
                Some(Err(cause)) => return Err(Error::Closed(chain(&cause))),
                None => return Err(Error::Closed(String::new())),
            }
        }
    }

    pub(super) async fn close(mut self) {
        // Fails where the server has closed already.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.inner.close(None)).await;
    }
}

fn register(options: &Options) -> proto::RegisterWorkerRequest {
    proto::RegisterWorkerRequest {
        r#type: options.kind.code(),
        agent_name: options.agent_name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ping_interval: u32::try_from(options.ping.as_secs()).unwrap_or(u32::MAX).max(1),
        allowed_permissions: Some(proto::ParticipantPermission {
            can_subscribe: true,
            can_publish: true,
            can_publish_data: true,
            can_update_metadata: true,
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// A ping of now; the time is told to the server alone, for its own figures.
pub(super) fn ping() -> worker_message::Message {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let timestamp = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    worker_message::Message::Ping(proto::WorkerPing { timestamp })
}
