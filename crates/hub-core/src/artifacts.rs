//! Artifacts: blobs that people and satellites hand in, such as photos and recordings.
//!
//! | Module | Contents |
//! |---|---|
//! | [`blob_store`] | the port through which bytes are kept |
//! | [`folder`] | the port over a folder, which several hubs may share |
//! | `decision` | whether an artifact may be kept: pure |
//! | `media` | what the first bytes say that it is: pure |
//! | `rows`, `erase` | artifacts in the store |
//! | [`upload`], [`download`] | bytes on their way in and out |
//! | `sweep` | blobs that nothing refers to |
//!
//! A blob is kept under its agent and the SHA-256 of its bytes. Within an agent the same bytes are kept
//! once; two agents share nothing. Names appear and disappear in an agent's blobs only while the agent's
//! turn at the database is held, so that no row ever misses its blob.

pub mod blob_store;
pub(crate) mod decision;
pub mod download;
pub(crate) mod erase;
pub mod folder;
pub(crate) mod media;
pub(crate) mod rows;
pub(crate) mod sweep;
pub mod upload;

pub use blob_store::{BlobReader, BlobStore, BlobWriter};
pub use download::{ByteRange, Download};
pub use folder::FolderBlobs;
pub use sweep::homes;
pub use upload::Upload;

use crate::audit::Digest;
use crate::clock::Timestamp;
use crate::ids::{AgentId, ArtifactId, DeviceId, PersonId, SpaceId};

/// An artifact to be kept, before its first byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArtifact {
    /// Where it was made.
    pub space_id: SpaceId,
    /// Who is in it, 64 people at most. Sound and moving pictures name everyone, and each of them has a
    /// live grant of `recording`.
    pub person_ids: Vec<PersonId>,
    /// What its sender takes it for, such as `audio/pcm`; its first bytes count for more.
    pub media_type: Option<String>,
    /// When it was made; by default when it begins to arrive. At most 24 hours ahead.
    pub occurred_at: Option<Timestamp>,
    /// When what it shows ended; by default `occurred_at`.
    pub ended_at: Option<Timestamp>,
    /// The sender's clock when he sent it; its difference from the hub's is his clock's error.
    pub sent_at: Option<Timestamp>,
    /// How many bytes are to come, if that is known.
    pub size: Option<u64>,
}

impl NewArtifact {
    /// Something made in this space just now, with nobody in it.
    #[must_use]
    pub fn new(space_id: SpaceId) -> Self {
        Self {
            space_id,
            person_ids: Vec::new(),
            media_type: None,
            occurred_at: None,
            ended_at: None,
            sent_at: None,
            size: None,
        }
    }
}

/// An artifact that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Which.
    pub artifact_id: ArtifactId,
    /// Whose.
    pub agent_id: AgentId,
    /// Where it was made.
    pub space_id: SpaceId,
    /// The device that handed it in, if one did.
    pub device_id: Option<DeviceId>,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// How many they are.
    pub size: u64,
    /// What they are, such as `image/png`.
    pub media_type: String,
    /// Who is in it.
    pub person_ids: Vec<PersonId>,
    /// When it was made.
    pub occurred_at: Timestamp,
    /// When what it shows ended.
    pub ended_at: Timestamp,
    /// When the hub had all of it.
    pub created_at: Timestamp,
}
