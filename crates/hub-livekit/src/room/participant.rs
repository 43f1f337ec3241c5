//! Who is in the room.

use super::Permission;
use livekit_protocol as proto;
use std::collections::HashMap;

/// A participant, as the server told last.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Participant {
    /// The server's name for this stay in the room.
    pub sid: String,
    /// Who it is.
    pub identity: String,
    /// A name to show.
    pub name: String,
    /// What the participant says of itself.
    pub metadata: String,
    /// The same, by name.
    pub attributes: HashMap<String, String>,
    /// Its tracks, by sid.
    pub tracks: HashMap<String, Track>,
    /// What it may do; `None` where the server does not say.
    pub permission: Option<Permission>,
}

/// What kind of track it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Sound.
    Audio,
    /// Pictures: seen in the list, never received.
    Video,
    /// Something else.
    Other,
}

/// Where a track comes from, as its publisher says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A microphone.
    Microphone,
    /// The sound of a screen that is shared.
    ScreenShareAudio,
    /// A camera.
    Camera,
    /// A screen that is shared.
    ScreenShare,
    /// Not said, or said in a way that is not known here.
    Unknown,
}

/// A track that somebody has published.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Track {
    /// The server's name for it.
    pub sid: String,
    /// Its publisher's name for it.
    pub name: String,
    /// What kind it is.
    pub kind: Kind,
    /// Where it comes from.
    pub source: Source,
    /// Its publisher, or the server, has muted it.
    pub muted: bool,
}

/// Everybody in the room.
#[derive(Debug, Default)]
pub(crate) struct Everybody {
    pub(crate) room: String,
    pub(crate) local: Participant,
    /// By identity.
    pub(crate) others: HashMap<String, Participant>,
}

impl Source {
    pub(crate) const fn wire(self) -> proto::TrackSource {
        match self {
            Self::Microphone => proto::TrackSource::Microphone,
            Self::ScreenShareAudio => proto::TrackSource::ScreenShareAudio,
            Self::Camera => proto::TrackSource::Camera,
            Self::ScreenShare => proto::TrackSource::ScreenShare,
            Self::Unknown => proto::TrackSource::Unknown,
        }
    }

    pub(crate) fn of(wire: i32) -> Self {
        match proto::TrackSource::try_from(wire) {
            Ok(proto::TrackSource::Microphone) => Self::Microphone,
            Ok(proto::TrackSource::ScreenShareAudio) => Self::ScreenShareAudio,
            Ok(proto::TrackSource::Camera) => Self::Camera,
            Ok(proto::TrackSource::ScreenShare) => Self::ScreenShare,
            _ => Self::Unknown,
        }
    }
}

impl From<&proto::TrackInfo> for Track {
    fn from(told: &proto::TrackInfo) -> Self {
        Self {
            sid: told.sid.clone(),
            name: told.name.clone(),
            kind: match proto::TrackType::try_from(told.r#type) {
                Ok(proto::TrackType::Audio) => Kind::Audio,
                Ok(proto::TrackType::Video) => Kind::Video,
                _ => Kind::Other,
            },
            source: Source::of(told.source),
            muted: told.muted,
        }
    }
}

impl From<&proto::ParticipantInfo> for Participant {
    fn from(told: &proto::ParticipantInfo) -> Self {
        Self {
            sid: told.sid.clone(),
            identity: told.identity.clone(),
            name: told.name.clone(),
            metadata: told.metadata.clone(),
            attributes: told.attributes.clone(),
            tracks: told.tracks.iter().map(|track| (track.sid.clone(), track.into())).collect(),
            permission: told.permission.as_ref().map(Into::into),
        }
    }
}
