//! What happens in a room.

use super::{AudioStream, Participant, PathError, RelayTransport, StreamReader, Track};
use livekit_protocol as proto;
use tokio::sync::mpsc;

/// A message between participants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// What it is about; empty where nothing was said.
    pub topic: String,
    /// Its content.
    pub payload: Vec<u8>,
}

/// Somebody who is heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Speaker {
    /// The participant's sid.
    pub sid: String,
    /// How loud, 0 to 1.
    pub level: f32,
    /// Still speaking.
    pub active: bool,
}

/// How good a participant's connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quality {
    /// As good as can be.
    Excellent,
    /// Good.
    Good,
    /// Poor.
    Poor,
    /// Nothing comes.
    Lost,
}

/// By which way media goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// UDP to the server.
    Udp,
    /// TCP to the server.
    Tcp,
    /// A TURN server, which is reached so.
    Relay(RelayTransport),
}

/// Why a room ended for this participant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Closed {
    /// It left.
    Left,
    /// The server ended it, for the reason of LiveKit's protocol.
    Server(proto::DisconnectReason),
    /// The connection was lost, and the server does not let this participant in again: the token is expired or
    /// revoked.
    Refused(String),
    /// The connection was lost, and did not come back.
    Lost(String),
    /// More events waited than are kept, because nobody read them.
    Unread,
}

/// What happens in a room.
#[derive(Debug)]
#[non_exhaustive]
pub enum RoomEvent {
    /// Everything can go both ways. What others sent before, the server kept for nobody; what this participant
    /// sends before is kept until it can go. Told once, also where the connection was lost meanwhile.
    Connected,
    /// Somebody came, or was there when this participant joined.
    ParticipantJoined(Participant),
    /// Somebody left.
    ParticipantLeft(Participant),
    /// Name, metadata, attributes or permission of somebody, perhaps of this participant, are others now.
    ParticipantChanged(Participant),
    /// A track is there.
    TrackPublished {
        /// Whose.
        identity: String,
        /// Which.
        track: Track,
    },
    /// A track is there no more.
    TrackUnpublished {
        /// Whose.
        identity: String,
        /// Which.
        track: Track,
    },
    /// A track was muted, or is heard again.
    TrackMuted {
        /// Whose.
        identity: String,
        /// Which, and whether it is muted now.
        track: Track,
    },
    /// A track's sound begins to come.
    TrackSubscribed {
        /// Whose.
        identity: String,
        /// Which.
        track: Track,
        /// Its sound.
        audio: AudioStream,
    },
    /// Nothing came of a track for [`super::RoomOptions::silence`], or something comes again. A participant that
    /// was killed is known by this long before the server tells; so is one that sends nothing while it is
    /// silent, or is muted.
    TrackSilent {
        /// Whose.
        identity: String,
        /// The sid.
        track: String,
        /// Nothing comes now.
        silent: bool,
    },
    /// Text or bytes in pieces: a file, chat, a transcription.
    Stream {
        /// The sender.
        identity: String,
        /// What comes of it.
        stream: StreamReader,
    },
    /// The server mutes a track of this participant, or allows it again.
    Muted {
        /// The sid.
        track: String,
        /// Muted now.
        muted: bool,
    },
    /// The server does not take a track of this participant any more that it had before the room was joined anew.
    Unpublished {
        /// The sid that it had.
        track: String,
    },
    /// Who is heard.
    Speakers(Vec<Speaker>),
    /// How good a participant's connection is.
    Quality {
        /// The participant's sid.
        sid: String,
        /// How good.
        quality: Quality,
    },
    /// A message; `identity` is empty where the server itself sent it.
    Data {
        /// The sender.
        identity: String,
        /// What was sent.
        message: Message,
        /// By the channel that loses nothing.
        reliable: bool,
    },
    /// Another packet of LiveKit's protocol.
    Packet {
        /// As it came.
        packet: Box<proto::DataPacket>,
        /// By the channel that loses nothing.
        reliable: bool,
    },
    /// Media goes by a way from now on, or by another one than before.
    Route {
        /// What this participant sends; else what it receives. Where one connection carries both, the first alone is
        /// told.
        sending: bool,
        /// By which way.
        route: Route,
    },
    /// A TURN server that was needed is of no use; the others are tried all the same.
    RelayFailed {
        /// Its URL, as the server named it.
        url: String,
        /// Why.
        cause: PathError,
    },
    /// The room's metadata changed.
    RoomChanged {
        /// What it is now.
        metadata: String,
    },
    /// The connection was lost; it is being made again.
    Reconnecting,
    /// It stands again, in the same stay or in a new one: in a new one the sids of everybody, and of every track,
    /// are others, which was told by events before.
    Reconnected,
    /// Something of the server that has no event of its own.
    Other(Box<proto::signal_response::Message>),
    /// The last event.
    Closed(Closed),
}

/// The events of a room, in their order.
#[derive(Debug)]
pub struct RoomEvents {
    events: mpsc::Receiver<RoomEvent>,
}

impl RoomEvents {
    pub(crate) const fn new(events: mpsc::Receiver<RoomEvent>) -> Self {
        Self { events }
    }

    /// The next event; `None` after the last.
    pub async fn next(&mut self) -> Option<RoomEvent> {
        self.events.recv().await
    }
}

impl Message {
    pub(crate) fn into_packet(self, from: &Participant, to: &[String]) -> proto::DataPacket {
        let user = proto::UserPacket {
            payload: self.payload,
            topic: (!self.topic.is_empty()).then_some(self.topic),
            ..proto::UserPacket::default()
        };
        proto::DataPacket {
            participant_identity: from.identity.clone(),
            destination_identities: to.to_vec(),
            value: Some(proto::data_packet::Value::User(user)),
            ..proto::DataPacket::default()
        }
    }
}
