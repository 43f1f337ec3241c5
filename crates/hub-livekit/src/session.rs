//! What runs behind a room: one task that owns signalling, both peer connections, and all sound.

mod data;
mod join;
mod media;
mod negotiation;
mod resume;
mod signals;
mod tracks;

use crate::error::Result;
use crate::room::{Closed, PublishOptions, Reliability, RoomEvent, Roster};
use crate::sound::Sender;
use crate::transport::{Datagram, Peer, Sockets};
use livekit_protocol as proto;
use livekit_signaling::{SignalClient, SignalEvent, SignalEvents};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc, oneshot};

pub(crate) use join::start;
use media::Listening;
use negotiation::Change;

/// How long the last words to a server may take.
const FAREWELL: Duration = Duration::from_secs(1);
/// Packets that are taken at once before anything else is looked at.
const BATCH: usize = 64;

/// What a handle asks of the session.
#[derive(Debug)]
pub(crate) enum Command {
    Publish { options: PublishOptions, answer: oneshot::Sender<Result<Published>> },
    Unpublish { track: String },
    Mute { track: String, muted: bool },
    Subscribe { track: String, wanted: bool },
    Send { reliability: Reliability, bytes: Vec<u8>, answer: oneshot::Sender<Result<()>> },
    Update { metadata: Option<String>, attributes: HashMap<String, String> },
    Leave,
}

/// What a handle of a published track has in common with the session.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    pub(crate) sid: String,
    pub(crate) sender: Arc<Mutex<Sender>>,
    pub(crate) wake: Arc<Notify>,
}

/// A track of ours, from the moment it is asked for.
struct Publication {
    cid: String,
    mid: Option<String>,
    published: Published,
    request: proto::AddTrackRequest,
    info: Option<proto::TrackInfo>,
    answer: Option<oneshot::Sender<Result<Published>>>,
}

/// A peer connection with its sockets, and candidates that came too early.
struct Link {
    peer: Peer,
    sockets: Sockets,
    described: bool,
    early: Vec<String>,
    connected: bool,
}

/// A message for which no channel is open yet, or which found no room.
struct Outgoing {
    reliability: Reliability,
    bytes: Vec<u8>,
    answer: oneshot::Sender<Result<()>>,
}

struct Session {
    signal: SignalClient,
    roster: Roster,
    events: mpsc::Sender<RoomEvent>,
    wake: Arc<Notify>,
    publisher: Link,
    subscriber: Link,
    changes: VecDeque<Change>,
    offer: u32,
    offered: String,
    /// The last offer of the server and our answer.
    subscribed: Option<(proto::SessionDescription, proto::SessionDescription)>,
    publications: Vec<Publication>,
    listening: HashMap<String, Listening>,
    /// Track of a section of the subscriber's description.
    sections: HashMap<String, String>,
    refused: Vec<String>,
    outgoing: VecDeque<Outgoing>,
    options: crate::room::RoomOptions,
    ended: Option<Closed>,
    lost: Option<String>,
}

struct Inputs {
    commands: mpsc::Receiver<Command>,
    signals: SignalEvents,
    datagrams: mpsc::Receiver<Datagram>,
}

impl Session {
    async fn run(mut self, mut inputs: Inputs) {
        while self.ended.is_none() {
            if let Some(cause) = self.lost.take() {
                self.resume(cause, &mut inputs).await;
                continue;
            }
            self.negotiate().await;
            let until = match self.drive(Instant::now()) {
                Ok(until) => until,
                Err(cause) => {
                    self.end(Closed::Lost(cause.to_string()));
                    break;
                }
            };
            self.turn(&mut inputs, until).await;
        }
        self.close().await;
    }

    /// Waits for one thing, and does what it asks for.
    async fn turn(&mut self, inputs: &mut Inputs, until: Instant) {
        let wake = Arc::clone(&self.wake);
        tokio::select! {
            command = inputs.commands.recv() => match command {
                Some(command) => self.command(command).await,
                None => self.end(Closed::Left),
            },
            signal = inputs.signals.recv() => match signal {
                Some(SignalEvent::Message(message)) => self.signal(*message).await,
                Some(SignalEvent::Close(cause)) => self.lost = Some(cause.into_owned()),
                None => self.lost = Some("signalling ended".to_owned()),
            },
            datagram = inputs.datagrams.recv() => {
                let mut next = datagram;
                for _ in 0..BATCH {
                    let Some(datagram) = next else { break };
                    self.receive(&datagram);
                    next = inputs.datagrams.try_recv().ok();
                }
                if let Some(datagram) = next {
                    self.receive(&datagram);
                }
            },
            () = wake.notified() => {},
            () = tokio::time::sleep_until(until.into()) => {},
        }
    }

    fn receive(&mut self, datagram: &Datagram) {
        let link = if datagram.to == PUBLISHER { &mut self.publisher } else { &mut self.subscriber };
        if let Err(cause) = link.peer.receive(datagram) {
            tracing::debug!(%cause, "a packet could not be taken");
        }
    }

    async fn command(&mut self, command: Command) {
        match command {
            Command::Publish { options, answer } => self.publish(options, answer).await,
            Command::Unpublish { track } => self.unpublish(&track),
            Command::Mute { track, muted } => {
                let mute = proto::MuteTrackRequest { sid: track, muted };
                self.signal.send(proto::signal_request::Message::Mute(mute)).await;
            }
            Command::Subscribe { track, wanted } => self.subscribe(track, wanted).await,
            Command::Send { reliability, bytes, answer } => {
                self.queue(Outgoing { reliability, bytes, answer });
            }
            Command::Update { metadata, attributes } => self.update(metadata, attributes).await,
            Command::Leave => self.end(Closed::Left),
        }
    }

    async fn update(&mut self, metadata: Option<String>, attributes: HashMap<String, String>) {
        let local = self.read_roster(|roster| roster.local.clone());
        let update = proto::UpdateParticipantMetadata {
            metadata: metadata.unwrap_or(local.metadata),
            name: local.name,
            attributes,
            request_id: self.signal.next_request_id(),
        };
        self.signal.send(proto::signal_request::Message::UpdateMetadata(update)).await;
    }

    fn end(&mut self, cause: Closed) {
        self.ended.get_or_insert(cause);
    }

    /// Tells an event. Where too many wait, the room ends rather than that one is missing.
    fn tell(&mut self, event: RoomEvent) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.events.try_send(event) {
            self.end(Closed::Unread);
        }
    }

    async fn close(&mut self) {
        let cause = self.ended.take().unwrap_or(Closed::Left);
        if matches!(cause, Closed::Left | Closed::Unread) {
            let leave = proto::LeaveRequest {
                reason: proto::DisconnectReason::ClientInitiated.into(),
                ..proto::LeaveRequest::default()
            };
            let leave = self.signal.send(proto::signal_request::Message::Leave(leave));
            let _late = tokio::time::timeout(FAREWELL, leave).await;
        }
        let _late = tokio::time::timeout(FAREWELL, self.signal.close()).await;
        for link in [&mut self.publisher, &mut self.subscriber] {
            link.peer.close();
        }
        let _unanswered = self.drive(Instant::now());
        let _unread = self.events.try_send(RoomEvent::Closed(cause));
    }
}

/// Which peer connection a packet is for.
const PUBLISHER: usize = 0;
const SUBSCRIBER: usize = 1;
