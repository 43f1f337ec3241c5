//! A server that says what a test has it say.

use futures_util::{SinkExt as _, StreamExt as _};
use livekit_protocol as proto;
use prost::Message as _;
use proto::signal_request::Message as Request;
use proto::signal_response::Message;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::handshake::server as handshake;
use tokio_tungstenite::tungstenite::http::StatusCode;

enum Say {
    Frame(Vec<u8>),
    Bytes(Vec<u8>),
}

/// It takes one participant; whoever comes after is told that the token is none. Dropping it closes the socket.
pub(crate) struct Script {
    pub(crate) url: String,
    say: mpsc::UnboundedSender<Say>,
    heard: mpsc::UnboundedReceiver<Request>,
    asked: Arc<Mutex<Vec<String>>>,
}

/// Where participants knock.
struct Door {
    listener: TcpListener,
    old: bool,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub(crate) async fn start() -> Self {
        Self::of_time(false).await
    }

    /// One that knows nothing of one connection for both ways.
    pub(crate) async fn old() -> Self {
        Self::of_time(true).await
    }

    async fn of_time(old: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let (say, said) = mpsc::unbounded_channel();
        let (hear, heard) = mpsc::unbounded_channel();
        let asked = Arc::default();
        let door = Door { listener, old, asked: Arc::clone(&asked) };
        tokio::spawn(serve(door, said, hear));
        Self { url, say, heard, asked }
    }

    /// One that answers a join as it should.
    pub(crate) async fn joined() -> Self {
        let script = Self::start().await;
        script.message(Message::Join(greeting()));
        script
    }

    pub(crate) fn message(&self, message: Message) {
        self.frame(proto::SignalResponse { message: Some(message) }.encode_to_vec());
    }

    /// The paths that were asked for, up to the one by which the participant came in.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// What the participant asks for that fits; what it said before is passed over.
    pub(crate) async fn request<T>(&mut self, mut fits: impl FnMut(Request) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let request = self.heard.recv().await.expect("the participant is there");
                if let Some(found) = fits(request) {
                    return found;
                }
            }
        };
        tokio::time::timeout(super::SOON, waiting).await.expect("a request")
    }

    /// A frame of the websocket, whatever is in it.
    pub(crate) fn frame(&self, bytes: Vec<u8>) {
        self.say.send(Say::Frame(bytes)).unwrap();
    }

    /// Bytes that need not be a frame.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        self.say.send(Say::Bytes(bytes.to_vec())).unwrap();
    }

    /// The socket is closed when everything was said.
    pub(crate) fn close(self) -> String {
        self.url
    }
}

pub(crate) fn greeting() -> proto::JoinResponse {
    proto::JoinResponse {
        participant: Some(participant("we")),
        room: Some(proto::Room { name: "scripted".to_owned(), ..Default::default() }),
        subscriber_primary: true,
        ping_interval: 60,
        ping_timeout: 60,
        ..Default::default()
    }
}

pub(crate) fn participant(identity: &str) -> proto::ParticipantInfo {
    proto::ParticipantInfo {
        sid: format!("PA_{identity}"),
        identity: identity.to_owned(),
        state: proto::participant_info::State::Active.into(),
        ..Default::default()
    }
}

pub(crate) fn update(identities: impl Iterator<Item = String>) -> Message {
    let participants = identities.map(|identity| participant(&identity)).collect();
    Message::Update(proto::ParticipantUpdate { participants })
}

impl Door {
    async fn open(&self) -> WebSocketStream<TcpStream> {
        loop {
            let (stream, _) = self.listener.accept().await.unwrap();
            #[allow(clippy::result_large_err, reason = "as the library wants it")]
            let look = |request: &handshake::Request, response: handshake::Response| {
                let path = request.uri().path().to_owned();
                let unknown = self.old && path == "/rtc/v1";
                self.asked.lock().unwrap().push(path);
                if unknown {
                    let mut refusal = handshake::ErrorResponse::new(None);
                    *refusal.status_mut() = StatusCode::NOT_FOUND;
                    return Err(refusal);
                }
                Ok(response)
            };
            if let Ok(socket) = tokio_tungstenite::accept_hdr_async(stream, look).await {
                return socket;
            }
        }
    }
}

async fn serve(door: Door, mut said: mpsc::UnboundedReceiver<Say>, hear: mpsc::UnboundedSender<Request>) {
    let mut socket = door.open().await;
    let refusing = async {
        while let Ok((stream, _)) = door.listener.accept().await {
            tokio::spawn(refuse(stream));
        }
    };
    // The socket is closed when everything was said.
    let speaking = async move {
        loop {
            let say = tokio::select! {
                say = said.recv() => say,
                frame = socket.next() => {
                    let Some(Ok(frame)) = frame else { return };
                    let request = proto::SignalRequest::decode(frame.into_data()).ok();
                    if let Some(request) = request.and_then(|request| request.message) {
                        let _unread = hear.send(request);
                    }
                    continue;
                }
            };
            let sent = match say {
                Some(Say::Frame(bytes)) => socket.send(Frame::Binary(bytes.into())).await.is_ok(),
                Some(Say::Bytes(bytes)) => socket.get_mut().write_all(&bytes).await.is_ok(),
                None => return,
            };
            if !sent {
                return;
            }
        }
    };
    tokio::join!(speaking, refusing);
}

async fn refuse(mut stream: TcpStream) {
    let mut request = [0; 4_096];
    let _ = stream.read(&mut request).await;
    let _ = stream.write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 8\r\n\r\nno token").await;
}

/// Waits until nothing can be asked of a room any more.
pub(crate) async fn ended(room: &hub_livekit::Room) {
    let ending = async {
        while room.set_metadata("").await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(super::SOON, ending).await.expect("the room ends");
}
