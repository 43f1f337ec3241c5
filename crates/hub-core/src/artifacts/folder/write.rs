//! A blob on its way into a folder: a thread writes and another waits for the disk, so that the digest, the
//! writing and the disk are worked at together.

use super::{FolderBlobs, UNFINISHED, create_new, create_private, sync_folder, unusable};
use crate::artifacts::blob_store::BlobWriter;
use crate::audit::Digest;
use crate::ids::AgentId;
use crate::{Error, Result};
use async_trait::async_trait;
use bytes::Bytes;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// Pieces that wait for the disk at most.
const WAITING: usize = 8;
/// Bytes after which what was written is sent to the disk, so that the last wait is short and a machine
/// with much memory does not fill it with what it still has to write: that is twice this at most.
const SYNC_EVERY: usize = 32 * 1024 * 1024;

/// What the thread is told.
#[derive(Debug)]
enum Told {
    Write(Bytes),
    Seal(oneshot::Sender<()>),
    /// Gives it its name.
    Publish(AgentId, Digest, oneshot::Sender<Result<()>>),
}

#[derive(Debug)]
pub(super) struct FolderWriter {
    /// Dropping it ends the thread, which removes what has no name by then.
    tell: Option<mpsc::Sender<Told>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl FolderWriter {
    pub(super) fn begin(store: &FolderBlobs, name: Uuid) -> Result<Self> {
        let unfinished = store.folder.join(UNFINISHED);
        create_private(&unfinished).map_err(|cause| unusable(&store.folder, cause))?;
        let path = unfinished.join(name.to_string());
        let file = create_locked(&path).map_err(|cause| unusable(&store.folder, cause))?;
        let (tell, told) = mpsc::channel(WAITING);
        let work =
            Work { store: store.clone(), path: Some(path), file: Arc::new(file), syncing: None, unsynced: 0 };
        let thread = tokio::task::spawn_blocking(move || work.run(told));
        Ok(Self { tell: Some(tell), thread: Some(thread) })
    }

    async fn send(&mut self, told: Told) -> Result<()> {
        let sent = match &self.tell {
            Some(tell) => tell.send(told).await.is_ok(),
            None => false,
        };
        if sent { Ok(()) } else { Err(self.failure().await) }
    }

    /// Why the thread has ended.
    async fn failure(&mut self) -> Error {
        self.tell = None;
        match self.thread.take() {
            None => Error::unavailable("artifacts_unusable", "artifacts cannot be written now"),
            Some(thread) => match thread.await {
                Ok(Err(error)) => error,
                Ok(Ok(())) => Error::internal("a blob ended before its end"),
                Err(cause) => Error::internal(cause),
            },
        }
    }
}

/// A file that is locked from the instant at which others see it: one that was taken for left over
/// between its making and its lock is gone, and is made again.
fn create_locked(path: &PathBuf) -> io::Result<File> {
    loop {
        let file = create_new(path)?;
        if fs4::FileExt::try_lock(&file).is_ok() && fs::symlink_metadata(path).is_ok() {
            return Ok(file);
        }
        let _gone = fs::remove_file(path);
    }
}

#[async_trait]
impl BlobWriter for FolderWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.send(Told::Write(bytes)).await
    }

    async fn seal(&mut self) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.send(Told::Seal(answer)).await?;
        match answered.await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.failure().await),
        }
    }

    async fn publish(&mut self, agent: AgentId, digest: &Digest) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.send(Told::Publish(agent, *digest, answer)).await?;
        match answered.await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.failure().await),
        }
    }

    async fn abort(mut self: Box<Self>) {
        self.tell = None;
        if let Some(thread) = self.thread.take() {
            let _ended = thread.await;
        }
    }
}

struct Work {
    store: FolderBlobs,
    /// Where the blob is while it has no name.
    path: Option<PathBuf>,
    file: Arc<File>,
    /// What was written last but for `unsynced` bytes, on its way to the disk.
    syncing: Option<JoinHandle<io::Result<()>>>,
    unsynced: usize,
}

impl Work {
    fn run(mut self, mut told: mpsc::Receiver<Told>) -> Result<()> {
        while let Some(next) = told.blocking_recv() {
            match next {
                Told::Write(bytes) => self.write(&bytes).map_err(|cause| self.unusable(cause))?,
                Told::Seal(answer) => {
                    self.seal().map_err(|cause| self.unusable(cause))?;
                    let _gone = answer.send(());
                }
                Told::Publish(agent, digest, answer) => {
                    let _gone = answer.send(self.publish(agent, &digest));
                }
            }
        }
        Ok(())
    }

    fn unusable(&self, cause: io::Error) -> Error {
        unusable(&self.store.folder, cause)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        (&*self.file).write_all(bytes)?;
        self.unsynced += bytes.len();
        if self.unsynced >= SYNC_EVERY {
            self.unsynced = 0;
            self.synced()?;
            let file = Arc::clone(&self.file);
            self.syncing = Some(tokio::task::spawn_blocking(move || file.sync_data()));
        }
        Ok(())
    }

    fn seal(&mut self) -> io::Result<()> {
        self.synced()?;
        self.file.sync_all()
    }

    /// Waits for the disk to have what was sent to it.
    fn synced(&mut self) -> io::Result<()> {
        match self.syncing.take() {
            Some(syncing) => Handle::current().block_on(syncing)?,
            None => Ok(()),
        }
    }

    fn publish(&mut self, agent: AgentId, digest: &Digest) -> Result<()> {
        let Some(from) = self.path.take() else {
            return Err(Error::internal("a blob was published twice"));
        };
        let to = self.store.blob(agent, digest);
        let named = (|| {
            let shard = to.parent().unwrap_or(&self.store.folder);
            create_private(shard)?;
            // The same bytes may be there already: they are replaced by themselves.
            fs::rename(&from, &to)?;
            sync_folder(shard)?;
            // The shard's own name, and its agent's, may be new.
            for folder in shard.ancestors().skip(1).take(2) {
                sync_folder(folder)?;
            }
            Ok(())
        })();
        if let Err(cause) = named {
            self.path = Some(from);
            return Err(self.unusable(cause));
        }
        Ok(())
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // As long as the disk works at it, its bytes are there.
        let _given_up = self.synced();
        if let Some(path) = self.path.take()
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::warn!(%error, "a blob that was given up could not be removed");
        }
    }
}
