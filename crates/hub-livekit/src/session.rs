//! What runs behind a room: one task that owns signalling, both peer connections, and all sound.

mod attempts;
mod calls;
mod data;
mod detours;
mod early;
mod fallback;
mod join;
mod media;
mod negotiation;
mod places;
mod recovery;
mod regions;
#[cfg(any(test, fuzzing))]
pub(crate) mod rehearsal;
mod returning;
mod sections;
mod signalling;
mod signals;
mod streams;
mod tokens;
mod tracks;
mod ways;

use crate::error::Result;
use crate::room::{Call, CallError, Closed, PublishOptions, Reliability, RoomEvent, RoomOptions, Roster};
use crate::sound::Sender;
use crate::transport::{Connection, Datagram, Relay, Sockets};
use attempts::Outcome;
use livekit_protocol as proto;
use livekit_signaling::SignalEvents;
use proto::signal_request::Message;
use recovery::Recovery;
use signalling::{Heard, Signalling};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinSet;

pub(crate) use join::start;
use media::Listening;
use negotiation::Change;
pub(crate) use tracks::unique;

/// Packets that are taken at once before anything else is looked at.
const BATCH: usize = 64;
/// A connection from which nothing at all comes for so long carries nothing: both sides ask every other
/// second whether the other is there.
const DEAD: Duration = Duration::from_secs(5);
/// How long an attempt to come back may still take after the room was left.
const UNWINDING: Duration = Duration::from_secs(5);

/// What a handle asks of the session.
#[derive(Debug)]
pub(crate) enum Command {
    Publish { options: PublishOptions, answer: oneshot::Sender<Result<Published>> },
    Unpublish { track: String },
    Mute { track: String, muted: bool },
    Subscribe { track: String, wanted: bool },
    Send { reliability: Reliability, bytes: Vec<u8>, answer: oneshot::Sender<Result<()>> },
    Update { metadata: Option<String>, attributes: HashMap<String, String> },
    Serve { method: String, calls: mpsc::Sender<Call> },
    Call { to: String, id: String, waiting: Waiting },
    Leave,
}

/// Who waits for the answer of a call.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) acknowledged: Option<oneshot::Sender<()>>,
    pub(crate) answer: oneshot::Sender<std::result::Result<String, CallError>>,
}

/// What a handle of a published track has in common with the session.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    /// Another one after the room was joined anew.
    sid: Arc<RwLock<String>>,
    pub(crate) sender: Arc<Mutex<Sender>>,
    pub(crate) wake: Arc<Notify>,
}

impl Published {
    pub(crate) fn sid(&self) -> String {
        self.sid.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_sid(&self, sid: &str) {
        sid.clone_into(&mut self.sid.write().unwrap_or_else(PoisonError::into_inner));
    }
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
    peer: Box<dyn Connection>,
    sockets: Sockets,
    detours: detours::Detours,
    described: bool,
    early: Vec<String>,
    /// When something came last.
    heard: Instant,
    /// The sockets are others, and nothing has come by them yet.
    moved: bool,
}

/// A message for which no channel is open yet, or which found no room.
struct Outgoing {
    reliability: Reliability,
    bytes: Vec<u8>,
    answer: oneshot::Sender<Result<()>>,
}

pub(crate) struct Session {
    places: places::Places,
    signal: Signalling,
    roster: Roster,
    events: mpsc::Sender<RoomEvent>,
    /// For handles that send without keeping the room open.
    commands: mpsc::WeakSender<Command>,
    wake: Arc<Notify>,
    into: mpsc::Sender<Datagram>,
    publisher: Link,
    /// `None` where the publisher's connection carries both ways.
    subscriber: Option<Link>,
    /// The TURN servers that the server named last.
    relays: Vec<Relay>,
    ways: ways::Ways,
    changes: VecDeque<Change>,
    /// What the offer changes that is not answered yet.
    offering: Option<Change>,
    offer: u32,
    /// Our last offer.
    offered: Option<proto::SessionDescription>,
    lacking: sections::Lacking,
    early: early::Early,
    /// The last offer and answer of the connection by which tracks of others come.
    subscribed: Option<(proto::SessionDescription, proto::SessionDescription)>,
    publications: Vec<Publication>,
    listening: HashMap<String, Listening>,
    /// Track of a section of the subscriber's description.
    sections: HashMap<String, String>,
    /// Tracks that were asked for, or refused.
    chosen: HashMap<String, bool>,
    outgoing: VecDeque<Outgoing>,
    streams: streams::Incoming,
    methods: HashMap<String, mpsc::Sender<Call>>,
    calling: HashMap<String, (String, Waiting)>,
    options: RoomOptions,
    recovery: Option<Recovery>,
    outcomes: mpsc::Sender<Outcome>,
    attempts: JoinSet<()>,
    /// What the server says of a stay that is resumed waits until that is done.
    resuming: bool,
    token: tokens::AtHand,
    /// What is asked of others beside everything else.
    errands: JoinSet<()>,
    ended: Option<Closed>,
}

struct Inputs {
    commands: mpsc::Receiver<Command>,
    signals: SignalEvents,
    datagrams: mpsc::Receiver<Datagram>,
    outcomes: mpsc::Receiver<Outcome>,
}

impl Session {
    async fn run(mut self, mut inputs: Inputs) {
        while self.ended.is_none() {
            let now = Instant::now();
            let recovery = self.recover(now);
            let renewal = self.renew(now).unwrap_or(recovery);
            self.offer_early(now);
            self.negotiate();
            let early = self.early.due().unwrap_or(recovery);
            let until = match self.drive(now) {
                Ok(until) => until,
                Err(cause) => {
                    // What broke a peer connection does not leave it.
                    self.lose(cause.to_string(), false);
                    now + media::REST
                }
            };
            self.turn(&mut inputs, until.min(recovery).min(renewal).min(early)).await;
        }
        self.close(inputs).await;
    }

    /// Waits for one thing, and does what it asks for.
    async fn turn(&mut self, inputs: &mut Inputs, until: Instant) {
        let wake = Arc::clone(&self.wake);
        tokio::select! {
            command = inputs.commands.recv() => match command {
                Some(command) => self.command(command),
                None => self.end(Closed::Left),
            },
            signal = inputs.signals.recv(), if !self.resuming => {
                match self.signal.heard(signal) {
                    Some(Heard::Message(message)) => self.signal(*message),
                    Some(Heard::Lost(cause)) => self.lose(cause, true),
                    None => {}
                }
            }
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
            outcome = inputs.outcomes.recv() => {
                if let Some(outcome) = outcome {
                    self.tried(outcome, inputs);
                }
            }
            () = wake.notified() => {},
            () = tokio::time::sleep_until(until.into()) => {},
        }
    }

    fn receive(&mut self, datagram: &Datagram) {
        let Some(link) = self.link(datagram.to == PUBLISHER) else { return };
        match link.peer.receive(datagram) {
            Ok(true) => {
                link.heard = datagram.at;
                let bound = link.sockets.addresses().any(|address| address == datagram.local);
                link.moved &= !bound && !link.detours.has(datagram.local);
            }
            Ok(false) => {}
            Err(cause) => tracing::debug!(%cause, "a packet could not be taken"),
        }
    }

    /// One of the connections, where it is there.
    fn link(&mut self, publisher: bool) -> Option<&mut Link> {
        if publisher { Some(&mut self.publisher) } else { self.subscriber.as_mut() }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Publish { options, answer } => self.publish(options, answer),
            Command::Unpublish { track } => self.unpublish(&track),
            Command::Mute { track, muted } => self.mute(track, muted),
            Command::Subscribe { track, wanted } => self.subscribe(track, wanted),
            Command::Send { reliability, bytes, answer } => {
                self.queue(Outgoing { reliability, bytes, answer });
            }
            Command::Update { metadata, attributes } => self.update(metadata, attributes),
            Command::Serve { method, calls } => {
                self.methods.retain(|_, calls| !calls.is_closed());
                self.methods.insert(method, calls);
            }
            Command::Call { to, id, waiting } => self.call(to, id, waiting),
            Command::Leave => self.end(Closed::Left),
        }
    }

    fn update(&mut self, metadata: Option<String>, attributes: HashMap<String, String>) {
        let local = self.read_roster(|roster| roster.local.clone());
        let update = proto::UpdateParticipantMetadata {
            metadata: metadata.unwrap_or(local.metadata),
            name: local.name,
            attributes,
            request_id: self.signal.client().next_request_id(),
        };
        self.signal.send(Message::UpdateMetadata(update));
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

    async fn close(mut self, mut inputs: Inputs) {
        let cause = self.ended.take().unwrap_or(Closed::Left);
        for link in [&mut self.publisher].into_iter().chain(&mut self.subscriber) {
            link.peer.close();
        }
        let _unanswered = self.drive(Instant::now());
        let links = [&mut self.publisher].into_iter().chain(&mut self.subscriber);
        futures_util::future::join_all(links.map(|link| link.detours.close())).await;
        self.unwind(&mut inputs).await;
        self.errands.shutdown().await;
        let leave = proto::LeaveRequest {
            reason: proto::DisconnectReason::ClientInitiated.into(),
            ..proto::LeaveRequest::default()
        };
        let ours = matches!(cause, Closed::Left | Closed::Unread);
        self.signal.close(ours.then_some(Message::Leave(leave))).await;
        let _unread = self.events.try_send(RoomEvent::Closed(cause));
    }
}

/// Which peer connection a packet is for.
const PUBLISHER: usize = 0;
const SUBSCRIBER: usize = 1;
