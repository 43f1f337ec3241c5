//! Bytes on their way out.

use super::{Artifact, BlobReader, rows};
use crate::audit::Digest;
use crate::clock::Timestamp;
use crate::context::Scoped;
use crate::hub::Inner;
use crate::store::boxed;
use crate::{Error, Result};
use bytes::Bytes;
use futures_util::future::join;
use hub_protocol::vocabulary::ErrorKind;
use sha2::{Digest as _, Sha256};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Bytes that are read at once.
const PIECE_BYTES: u64 = 256 * 1024;
/// How long it is relied on that the artifact may be read.
const RELIED_ON: Duration = Duration::from_secs(1);

/// A part of an artifact, as RFC 9110, section 14.1.2, names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// From a byte, counted from 0, to another, which belongs to it, or to the end.
    From(u64, Option<u64>),
    /// So many bytes at the end.
    Last(u64),
}

impl ByteRange {
    /// The bytes of a blob of this size that are meant; none when it has none of them.
    #[must_use]
    pub fn of(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::From(first, last) => first..last.map_or(size, |last| last.saturating_add(1).min(size)),
            Self::Last(bytes) => size.saturating_sub(bytes)..size,
        };
        (!range.is_empty()).then_some(range)
    }
}

/// An artifact that is read.
#[derive(Debug)]
pub struct Download {
    hub: Arc<Inner>,
    agent: Scoped,
    artifact: Artifact,
    range: Range<u64>,
    reader: Box<dyn BlobReader>,
    /// Bytes that were not read yet.
    left: u64,
    /// Read, and not handed out yet.
    ahead: Bytes,
    /// Of what is read whole.
    hash: Option<Sha256>,
    relied_on_since: Timestamp,
}

impl Download {
    pub(crate) async fn open(
        hub: Arc<Inner>,
        agent: Scoped,
        artifact: Artifact,
        range: Option<ByteRange>,
    ) -> Result<Self> {
        hub.settle_artifacts(agent).await?;
        let size = artifact.size;
        let bytes = match range {
            None => 0..size,
            Some(range) => range.of(size).ok_or_else(|| {
                Error::limit("range_outside", "the artifact has none of these bytes", format!("{size} bytes"))
                    .field("range")
            })?,
        };
        let reader = hub.blobs.open(agent.agent_id(), &artifact.digest, bytes.start).await?;
        if reader.size() != size {
            return Err(corrupt());
        }
        let (left, relied_on_since) = (bytes.end - bytes.start, hub.now());
        let hash = (left == size).then(Sha256::new);
        Ok(Self {
            hub,
            agent,
            artifact,
            range: bytes,
            reader,
            left,
            ahead: Bytes::new(),
            hash,
            relied_on_since,
        })
    }

    /// What is read.
    #[must_use]
    pub fn artifact(&self) -> &Artifact {
        &self.artifact
    }

    /// Which of its bytes.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// The next bytes; `None` at the end. The last ones of a whole artifact come when all of it has the
    /// digest under which it was kept.
    ///
    /// # Errors
    /// `internal` with `blob_corrupt` when the bytes are not those that were kept; `not_found` when it was
    /// forgotten, or its people withdrew their consent, since the beginning; `unavailable` when it cannot be read.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        if self.hub.now().since(self.relied_on_since) >= RELIED_ON {
            let (agent, id) = (self.agent, self.artifact.artifact_id);
            self.hub.store.read(agent, move |tx| boxed(rows::load(tx, agent, id))).await?;
            self.relied_on_since = self.hub.now();
        }
        if self.ahead.is_empty() && self.left > 0 {
            self.ahead = self.read().await?;
        }
        let piece = std::mem::take(&mut self.ahead);
        if piece.is_empty() {
            return Ok(None);
        }
        // The next one is read while this one is hashed.
        let mut hash = self.hash.take();
        let (ahead, ()) = join(self.read(), async {
            if let Some(hash) = &mut hash {
                hash.update(&piece);
            }
        })
        .await;
        (self.ahead, self.hash) = (ahead?, hash);
        if self.ahead.is_empty()
            && let Some(hash) = self.hash.take()
            && Digest(hash.finalize().into()) != self.artifact.digest
        {
            return Err(corrupt());
        }
        Ok(Some(piece))
    }

    async fn read(&mut self) -> Result<Bytes> {
        if self.left == 0 {
            return Ok(Bytes::new());
        }
        let most = usize::try_from(PIECE_BYTES.min(self.left)).map_err(Error::internal)?;
        let bytes = self.reader.read(most).await?;
        if bytes.is_empty() {
            return Err(corrupt());
        }
        self.left = self.left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(bytes)
    }
}

fn corrupt() -> Error {
    Error::new(ErrorKind::Internal, "blob_corrupt", "the artifact's bytes are not those that were kept")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_rfc() {
        for (range, size, wanted) in [
            (ByteRange::From(0, Some(499)), 10_000, Some(0..500)),
            (ByteRange::From(9_500, None), 10_000, Some(9_500..10_000)),
            (ByteRange::From(9_500, Some(u64::MAX)), 10_000, Some(9_500..10_000)),
            (ByteRange::From(10_000, None), 10_000, None),
            (ByteRange::From(5, Some(4)), 10, None),
            (ByteRange::Last(500), 10_000, Some(9_500..10_000)),
            (ByteRange::Last(500), 10, Some(0..10)),
            (ByteRange::Last(0), 10, None),
            (ByteRange::From(0, None), 0, None),
        ] {
            assert_eq!(range.of(size), wanted, "{range:?} of {size}");
        }
    }
}
