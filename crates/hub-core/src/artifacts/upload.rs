//! Bytes on their way in. Nothing is written anywhere before it is decided that it may be, and it is
//! decided again in the transaction that makes the artifact.

use super::blob_store::BlobWriter;
use super::decision::{Arriving, Cast, Decision, decide};
use super::media::{self, HEAD_BYTES, Media};
use super::rows::{self, Hold, NewRow};
use super::{Artifact, NewArtifact};
use crate::audit::{Digest, EntryDraft, salted_digest};
use crate::clock::Timestamp;
use crate::context::{Context, Principal, Scoped};
use crate::hub::Inner;
use crate::ids::ArtifactId;
use crate::store::{Tx, boxed};
use crate::{Error, Result};
use bytes::{Bytes, BytesMut};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// How long what was decided is relied on while bytes arrive.
const RELIED_ON: Duration = Duration::from_secs(1);
/// Bytes that are hashed and handed on at once.
const PIECE_BYTES: usize = 256 * 1024;

/// An artifact that arrives. What has come of it is removed when this is dropped before
/// [`Upload::finish`] has answered; the file itself goes a moment later, or at once by [`Upload::abort`].
#[derive(Debug)]
pub struct Upload {
    hub: Arc<Inner>,
    agent: Scoped,
    context: Context,
    new: NewArtifact,
    artifact_id: ArtifactId,
    began: Timestamp,
    relied_on_since: Timestamp,
    /// Bytes that came before it was known what they are.
    head: BytesMut,
    media: Option<Media>,
    writer: Option<Box<dyn BlobWriter>>,
    hash: Sha256,
    size: u64,
    _place: OwnedSemaphorePermit,
}

impl Upload {
    /// Decides about an artifact of which no byte has come.
    pub(crate) async fn begin(
        hub: Arc<Inner>,
        agent: Scoped,
        context: Context,
        mut new: NewArtifact,
    ) -> Result<Self> {
        let place = hub.uploads.clone().try_acquire_owned().map_err(|_| {
            Error::unavailable("too_many_uploads", "too many artifacts are arriving")
                .at_limit(format_args!("{} uploads", hub.settings.artifact_uploads))
        })?;
        if let Some(declared) = &new.media_type {
            new.media_type = Some(media::plain(declared)?);
        }
        new.person_ids = rows::each_once(new.person_ids);
        let now = hub.now();
        let artifact_id = ArtifactId(hub.store.new_id(now)?);
        let upload = Self {
            hub,
            agent,
            context,
            new,
            artifact_id,
            began: now,
            relied_on_since: now,
            head: BytesMut::new(),
            media: None,
            writer: None,
            hash: Sha256::new(),
            size: 0,
            _place: place,
        };
        upload.fits(upload.new.size.unwrap_or(0))?;
        upload.decide_now().await?;
        Ok(upload)
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// `limit` with `artifact_too_large`; whatever [`Upload::check`] answers; `unavailable` when they cannot
    /// be written. After an error the upload is over.
    pub async fn write(&mut self, mut bytes: Bytes) -> Result<()> {
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.fits(self.size)?;
        if self.writer.is_none() {
            self.head.extend_from_slice(&bytes);
            if self.head.len() < HEAD_BYTES {
                return Ok(());
            }
            return self.start().await;
        }
        if self.hub.now().since(self.relied_on_since) >= RELIED_ON {
            self.check().await?;
        }
        while !bytes.is_empty() {
            let piece = bytes.split_to(PIECE_BYTES.min(bytes.len()));
            self.put(piece).await?;
        }
        Ok(())
    }

    /// Decides anew whether the artifact may be kept. To be called each second while no bytes come: an
    /// upload whose space became private, or whose people withdrew their consent, leaves at once.
    ///
    /// # Errors
    /// `denied` with `space_private` or `no_consent`; as [`crate::hub::Artifacts::begin`].
    pub async fn check(&mut self) -> Result<()> {
        self.decide_now().await?;
        self.relied_on_since = self.hub.now();
        Ok(())
    }

    /// Makes the artifact of what has come.
    ///
    /// # Errors
    /// `denied` with `space_private` or `no_consent`, when that came to be meanwhile; `unavailable` when
    /// nothing could be made durable. Then nothing is kept.
    pub async fn finish(mut self) -> Result<Artifact> {
        if self.writer.is_none()
            && let Err(error) = self.start().await
        {
            self.abort().await;
            return Err(error);
        }
        let Some(mut writer) = self.writer.take() else {
            return Err(Error::internal("an upload has no writer"));
        };
        if let Err(error) = writer.seal().await {
            writer.abort().await;
            return Err(error);
        }
        let digest = Digest(self.hash.clone().finalize().into());
        let row = Arrived {
            agent: self.agent,
            principal: self.context.principal.clone(),
            new: self.new.clone(),
            artifact_id: self.artifact_id,
            arriving: Arriving { size: self.size, ..self.arriving() },
            media: self.media.clone().ok_or_else(|| Error::internal("an upload has no type"))?,
            digest,
        };
        let agent = self.agent;
        let stored = self.hub.store.write(agent, move |tx| boxed(store(tx, row, writer))).await;
        match stored {
            Ok(Kept::Yes(artifact)) => Ok(*artifact),
            Ok(Kept::No(error)) => Err(error),
            Err(error) => {
                // It may have got its name before the transaction failed.
                let removed = self.hub.store.write(agent, move |tx| {
                    tx.let_go(agent, digest);
                    boxed(async { Ok(()) })
                });
                let _or_by_the_sweep = removed.await;
                Err(error)
            }
        }
    }

    /// Gives the artifact up, and returns when nothing of it is left.
    pub async fn abort(mut self) {
        if let Some(writer) = self.writer.take() {
            writer.abort().await;
        }
    }

    fn fits(&self, size: u64) -> Result<()> {
        let most = self.hub.settings.artifact_bytes;
        if size > most {
            let limit = format!("{most} bytes");
            return Err(Error::limit("artifact_too_large", "the artifact is too large", limit));
        }
        Ok(())
    }

    fn arriving(&self) -> Arriving {
        let declared = self.new.media_type.as_deref().is_some_and(media::is_recording);
        Arriving {
            recording: self.media.as_ref().map_or(declared, |media| media.recording),
            began: self.began,
            clock_error: self
                .new
                .sent_at
                .map_or(Duration::ZERO, |sent| self.began.since(sent).max(sent.since(self.began))),
            size: self.size.max(self.new.size.unwrap_or(0)),
            agent_limit: self.hub.settings.artifacts_agent_bytes,
        }
    }

    async fn decide_now(&self) -> Result<()> {
        let (agent, new, arriving) = (self.agent, self.new.clone(), self.arriving());
        let decision = self
            .hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    let known = rows::known(tx, agent, &new, Hold::No).await?;
                    Ok(decide(&new, arriving, &known, tx.now()))
                })
            })
            .await?;
        match decision {
            Decision::Keep(_) => Ok(()),
            Decision::Refuse(error) => Err(error),
            Decision::NoConsent(error) => {
                let (principal, id, space) =
                    (self.context.principal.clone(), self.artifact_id, self.new.space_id);
                let told = move |tx: &mut Tx| denied(tx, &principal, id, space.0);
                self.hub
                    .store
                    .write(agent, move |tx| {
                        let draft = told(tx);
                        boxed(async move { tx.audit(agent, draft).await })
                    })
                    .await?;
                Err(error)
            }
        }
    }

    /// Tells what it is by its first bytes, decides, and writes the first of them.
    async fn start(&mut self) -> Result<()> {
        let head = std::mem::take(&mut self.head).freeze();
        self.media =
            Some(media::tell(head.get(..HEAD_BYTES).unwrap_or(&head), self.new.media_type.as_deref())?);
        self.check().await?;
        self.hub.settle_artifacts(self.agent).await?;
        let name = self.hub.store.new_id(self.hub.now())?;
        self.writer = Some(self.hub.blobs.begin(name).await?);
        if head.is_empty() { Ok(()) } else { self.put(head).await }
    }

    async fn put(&mut self, piece: Bytes) -> Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        // The writer works on the last piece while this one is hashed.
        self.hash.update(&piece);
        writer.write(piece).await
    }
}

/// What has arrived, for the transaction that makes its row.
struct Arrived {
    agent: Scoped,
    principal: Principal,
    new: NewArtifact,
    artifact_id: ArtifactId,
    arriving: Arriving,
    media: Media,
    digest: Digest,
}

enum Kept {
    Yes(Box<Artifact>),
    No(Error),
}

fn denied(tx: &Tx, principal: &Principal, id: ArtifactId, space: uuid::Uuid) -> EntryDraft {
    EntryDraft::new(tx.now(), "consent.denied", principal).subject("artifact", id).fact("space_id", space)
}

async fn store(tx: &mut Tx, arrived: Arrived, mut writer: Box<dyn BlobWriter>) -> Result<Kept> {
    let known = rows::known(tx, arrived.agent, &arrived.new, Hold::Yes).await?;
    let cast = match decide(&arrived.new, arrived.arriving, &known, tx.now()) {
        Decision::Keep(cast) => cast,
        Decision::Refuse(error) => {
            writer.abort().await;
            return Ok(Kept::No(error));
        }
        Decision::NoConsent(error) => {
            writer.abort().await;
            let draft = denied(tx, &arrived.principal, arrived.artifact_id, arrived.new.space_id.0);
            tx.audit(arrived.agent, draft).await?;
            return Ok(Kept::No(error));
        }
    };
    record(tx, &arrived, &cast).await?;
    let artifact = rows::load(tx, arrived.agent, arrived.artifact_id).await?;
    // The last thing: a row that could not be written has no blob.
    writer.publish(arrived.agent.agent_id(), &arrived.digest).await?;
    Ok(Kept::Yes(Box::new(artifact)))
}

async fn record(tx: &mut Tx, arrived: &Arrived, cast: &Cast) -> Result<()> {
    let salt = tx.random::<16>()?;
    let size = i64::try_from(arrived.arriving.size).map_err(Error::internal)?;
    let row = NewRow {
        artifact_id: arrived.artifact_id,
        new: &arrived.new,
        cast,
        device_id: match &arrived.principal {
            Principal::Device { device_id, .. } => Some(*device_id),
            _ => None,
        },
        digest: arrived.digest,
        salt,
        size,
        media_type: &arrived.media.media_type,
        recording: arrived.media.recording,
        began: arrived.arriving.began,
    };
    rows::insert(tx, arrived.agent, &row);
    let mut draft = EntryDraft::new(tx.now(), "artifact.stored", &arrived.principal)
        .subject("artifact", arrived.artifact_id)
        .fact("space_id", arrived.new.space_id.0)
        .fact("size", size)
        .fact("recording", arrived.media.recording)
        .digest("content", salted_digest(&salt, &arrived.digest.0));
    if !cast.is_empty() {
        draft =
            draft.fact("person_ids", cast.iter().map(|(person, _)| person.to_string()).collect::<Vec<_>>());
    }
    tx.audit(arrived.agent, draft).await.map(|_| ())
}
