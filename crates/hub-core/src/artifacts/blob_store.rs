//! The port through which bytes are kept: a folder, later object storage.

use crate::Result;
use crate::audit::Digest;
use crate::ids::AgentId;
use async_trait::async_trait;
use bytes::Bytes;
use std::fmt;
use uuid::Uuid;

/// A store of blobs. Each has an agent and the SHA-256 of its bytes for a name; nothing is shared between
/// agents. The hub checks who may; the store only keeps.
#[async_trait]
pub trait BlobStore: Send + Sync + fmt::Debug {
    /// The name of this store, by which hubs know that they share it. One that has none takes
    /// `proposal` and keeps it.
    ///
    /// # Errors
    /// `unavailable` when it cannot be reached or written to.
    async fn home(&self, proposal: Uuid) -> Result<Uuid>;

    /// Begins a blob whose digest is not known yet. What is written can be read by nobody until it is
    /// published, and is removed when the writer is dropped or its process dies. `name` is new.
    ///
    /// # Errors
    /// `unavailable` when the store cannot be written to.
    async fn begin(&self, name: Uuid) -> Result<Box<dyn BlobWriter>>;

    /// Opens a blob at a place, counted from 0.
    ///
    /// # Errors
    /// `internal`, code `blob_missing`, when there is none; `unavailable` when the store cannot be read.
    async fn open(&self, agent: AgentId, digest: &Digest, from: u64) -> Result<Box<dyn BlobReader>>;

    /// Removes a blob; one that is not there is no error.
    ///
    /// # Errors
    /// `unavailable` when the store cannot be written to.
    async fn remove(&self, agent: AgentId, digest: &Digest) -> Result<()>;

    /// The agents that have blobs here.
    ///
    /// # Errors
    /// `unavailable` when the store cannot be read.
    async fn agents(&self) -> Result<Vec<AgentId>>;

    /// The blobs of an agent.
    ///
    /// # Errors
    /// `unavailable` when the store cannot be read.
    async fn digests(&self, agent: AgentId) -> Result<Vec<Digest>>;

    /// Removes what was begun by processes that are gone; answers how many that were.
    ///
    /// # Errors
    /// `unavailable` when the store cannot be written to.
    async fn remove_unfinished(&self) -> Result<usize>;
}

/// A blob on its way in.
#[async_trait]
pub trait BlobWriter: Send + Sync + fmt::Debug {
    /// Appends bytes. They may be written later; [`BlobWriter::seal`] says whether they were.
    ///
    /// # Errors
    /// `unavailable` when they, or earlier ones, cannot be written; `storage_full` when there is no room.
    async fn write(&mut self, bytes: Bytes) -> Result<()>;

    /// Makes everything that was written durable.
    ///
    /// # Errors
    /// As [`BlobWriter::write`].
    async fn seal(&mut self) -> Result<()>;

    /// Gives what was sealed its name, durably and at once: either all of it is there or nothing. It is
    /// called while a transaction is open, so it moves no bytes.
    ///
    /// # Errors
    /// `unavailable` when the store cannot be written to.
    async fn publish(&mut self, agent: AgentId, digest: &Digest) -> Result<()>;

    /// Removes what was written, and returns when it is gone.
    async fn abort(self: Box<Self>);
}

/// A blob on its way out.
#[async_trait]
pub trait BlobReader: Send + Sync + fmt::Debug {
    /// Bytes of the whole blob.
    fn size(&self) -> u64;

    /// The next bytes, `most` at most; none at the end.
    ///
    /// # Errors
    /// `unavailable` when they cannot be read.
    async fn read(&mut self, most: usize) -> Result<Bytes>;
}
