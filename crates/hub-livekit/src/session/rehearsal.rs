//! A session whose server says nothing by itself and whose network carries nothing: what is done with what comes
//! from elsewhere, without waiting for anything.
#![allow(clippy::unwrap_used, reason = "tests, and the builds of `fuzz/`, stop at the first surprise")]

use super::detours::Detours;
use super::fallback::Allowed;
use super::join::{EVENTS, Links, Outlets, signalling};
use super::places::Places;
use super::signalling::Signalling;
use super::{Command, Link, Session};
use crate::net;
use crate::room::{RoomEvent, RoomOptions, Roster};
use crate::transport::{Sockets, connection};
use futures_util::SinkExt as _;
use livekit_protocol as proto;
use livekit_signaling::{SignalClient, SignalEvents};
use prost::Message as _;
use proto::participant_info::State;
use proto::signal_response::Message;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;

/// A server's socket that stays open and is never read.
pub(crate) struct Stage {
    runtime: Runtime,
    client: Arc<SignalClient>,
    options: RoomOptions,
    _signals: SignalEvents,
    _socket: WebSocketStream<TcpStream>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let options = RoomOptions::new().unwrap();
        let connecting = async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("ws://{}", listener.local_addr().unwrap());
            net::prepare(&url, &options.tls).unwrap();
            let connecting = SignalClient::connect(&url, "token", signalling(&options, &None), None);
            let (joined, socket) = tokio::join!(connecting, serve(listener));
            let (client, _, signals) = joined.unwrap();
            (client, signals, socket)
        };
        let (client, signals, socket) = runtime.block_on(connecting);
        Self { runtime, client: Arc::new(client), options, _signals: signals, _socket: socket }
    }

    /// Has a session of its own do something, and holds it to its limits.
    pub(crate) fn play(&self, play: impl FnOnce(&mut Session)) {
        self.runtime.block_on(async {
            let (events, told) = mpsc::channel(EVENTS);
            let (commands, _commanded) = mpsc::channel(1);
            let (outcomes, _tried) = mpsc::channel(1);
            let (into, _datagrams) = mpsc::channel(1);
            let outlets = Outlets {
                roster: Roster::default(),
                events,
                commands: commands.downgrade(),
                outcomes,
                into: into.clone(),
            };
            let (publisher, subscriber) = (link(1, &into).await, Some(link(2, &into).await));
            let links = Links { publisher, subscriber, offered: None };
            let signal = Signalling::new(Arc::clone(&self.client));
            let mut session = Session::new(
                Places::new("ws://nowhere", Vec::new()),
                signal,
                links,
                outlets,
                self.options.clone(),
            );
            session.greet(greeting());
            play(&mut session);
            session.check(told);
        });
    }
}

impl Session {
    /// A message of the server, whether it can be read or not, and what follows from it.
    pub(crate) fn rehearse_signal(&mut self, frame: &[u8]) {
        let message = proto::SignalResponse::decode(frame).ok().and_then(|response| response.message);
        if let Some(message) = message {
            self.signal(message);
        }
        self.settle();
    }

    /// A message of a data channel.
    pub(crate) fn rehearse_message(&mut self, bytes: &[u8]) {
        self.message(true, bytes);
        self.settle();
    }

    /// Somebody answers calls of a method from here on.
    pub(crate) fn rehearse_serving(&mut self, method: &str) -> mpsc::Receiver<crate::room::Call> {
        let (calls, called) = mpsc::channel(4);
        self.command(Command::Serve { method: method.to_owned(), calls });
        called
    }

    /// The server's last offer was taken and answered.
    #[cfg(test)]
    pub(crate) fn has_answered(&self) -> bool {
        self.subscribed.is_some() && self.recovery.is_none()
    }

    fn settle(&mut self) {
        self.negotiate();
        // A connection that breaks is replaced: its error is what was promised.
        let _broken = self.drive(Instant::now());
    }

    /// Whatever came, memory is bounded, and everything that is told is told.
    fn check(self, mut told: mpsc::Receiver<RoomEvent>) {
        self.streams.assert_bounded();
        let links = [&self.publisher].into_iter().chain(&self.subscriber);
        assert!(links.map(|link| link.early.len()).all(|early| early <= 256));
        assert!(self.outgoing.len() <= 1_024);
        let others = self.read_roster(|roster| roster.others.len());
        let mut joined = 0;
        while let Ok(event) = told.try_recv() {
            joined += usize::from(matches!(event, RoomEvent::ParticipantJoined(_)));
        }
        assert!(joined >= others || self.ended.is_some(), "{others} are there, and {joined} were told");
    }
}

async fn link(port: u16, into: &mpsc::Sender<crate::transport::Datagram>) -> Link {
    let sockets = Sockets::bind(&[], usize::from(port), into).await;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let peer = connection(std::iter::once(address), Instant::now()).unwrap();
    // Nobody is called: what is rehearsed names addresses of anybody.
    let detours = Detours::new(Allowed { tcp: false, relays_alone: false });
    let (early, heard) = (Vec::new(), Instant::now());
    Link { peer, sockets, detours, described: false, early, heard, moved: false }
}

async fn serve(listener: TcpListener) -> WebSocketStream<TcpStream> {
    let (stream, _) = listener.accept().await.unwrap();
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    let join = proto::SignalResponse { message: Some(Message::Join(greeting())) };
    socket.send(Frame::Binary(join.encode_to_vec().into())).await.unwrap();
    socket
}

/// A room with one other participant, who has a track.
pub(crate) fn greeting() -> proto::JoinResponse {
    let participant = |sid: &str, identity: &str, tracks| proto::ParticipantInfo {
        sid: sid.to_owned(),
        identity: identity.to_owned(),
        state: State::Active.into(),
        tracks,
        ..proto::ParticipantInfo::default()
    };
    let track = proto::TrackInfo {
        sid: "TR_1".to_owned(),
        r#type: proto::TrackType::Audio.into(),
        ..proto::TrackInfo::default()
    };
    proto::JoinResponse {
        participant: Some(participant("PA_1", "we", Vec::new())),
        other_participants: vec![participant("PA_2", "other", vec![track])],
        subscriber_primary: true,
        ping_interval: 3_600,
        ping_timeout: 3_600,
        ..proto::JoinResponse::default()
    }
}
