//! Blobs in a folder. Several hubs on one database share one; so may hubs on several.
//!
//! ```text
//! home                      the folder's name: a UUID and a line end
//! unfinished/<uuid>         a blob on its way in, locked by the process that writes it
//! <agent>/<2 digits>/<64 digits of SHA-256>
//! ```
//!
//! A blob gets its name by a rename within the folder, so that it is there whole or not at all. Folders
//! and files are their owner's alone. The file system must have locks between the hubs' machines (NFS 4 has).

mod read;
mod write;

use super::blob_store::{BlobReader, BlobStore, BlobWriter};
use crate::audit::Digest;
use crate::ids::AgentId;
use crate::{Error, Result};
use async_trait::async_trait;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The file that holds the folder's name.
const HOME: &str = "home";
/// Where blobs are on their way in.
const UNFINISHED: &str = "unfinished";

/// Blobs in a folder, which is made when the first one comes.
#[derive(Debug, Clone)]
pub struct FolderBlobs {
    folder: PathBuf,
}

impl FolderBlobs {
    /// Blobs in this folder.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder's name, if it has one.
    ///
    /// # Errors
    /// `unavailable` when the folder cannot be read; `conflict` with `malformed_home` when what names it
    /// is no name.
    pub fn name(&self) -> Result<Option<Uuid>> {
        let file = self.folder.join(HOME);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(unusable(&self.folder, cause)),
        };
        match Uuid::try_parse(text.trim()) {
            Ok(name) => Ok(Some(name)),
            Err(_) => Err(Error::conflict(
                "malformed_home",
                format!("{} does not hold the name of a folder of artifacts", file.display()),
            )
            .mend("bring the file back from a backup; it holds a UUID")),
        }
    }

    /// Whether this process can do here what a hub has to: make a file, lock it so that another handle is
    /// kept off, give it another name, remove it.
    ///
    /// # Errors
    /// `unavailable` when it cannot.
    pub fn try_out(&self, name: Uuid) -> Result<()> {
        let unusable = |cause| unusable(&self.folder, cause);
        let unfinished = self.folder.join(UNFINISHED);
        create_private(&unfinished).map_err(unusable)?;
        let (file, renamed) = (unfinished.join(name.to_string()), unfinished.join(format!("{name}.renamed")));
        let outcome = (|| {
            let mut mine = create_new(&file)?;
            fs4::FileExt::try_lock(&mine)?;
            let other = File::open(&file)?;
            if fs4::FileExt::try_lock(&other).is_ok() {
                return Err(std::io::Error::other("locks of files keep nobody off here"));
            }
            mine.write_all(b"x")?;
            mine.sync_all()?;
            fs::rename(&file, &renamed)?;
            sync_folder(&unfinished)
        })();
        let _either = (fs::remove_file(&file), fs::remove_file(&renamed));
        outcome.map_err(unusable)
    }

    fn make_home(&self, proposal: Uuid) -> Result<Uuid> {
        if let Some(name) = self.name()? {
            return Ok(name);
        }
        let unusable = |cause| unusable(&self.folder, cause);
        create_private(&self.folder).map_err(unusable)?;
        // Written aside and linked into place: two hubs that begin at once end with one name, whole.
        let aside = self.folder.join(format!("{HOME}.{proposal}"));
        let made = create_new(&aside)
            .and_then(|mut file| {
                file.write_all(format!("{proposal}\n").as_bytes()).and_then(|()| file.sync_all())
            })
            .and_then(|()| match fs::hard_link(&aside, self.folder.join(HOME)) {
                Err(cause) if cause.kind() != ErrorKind::AlreadyExists => Err(cause),
                _ => sync_folder(&self.folder),
            });
        let _gone = fs::remove_file(&aside);
        made.map_err(unusable)?;
        self.name()?.ok_or_else(|| unusable(ErrorKind::NotFound.into()))
    }

    fn blob(&self, agent: AgentId, digest: &Digest) -> PathBuf {
        let text = digest.to_string();
        let digits = text.rsplit(':').next().unwrap_or_default();
        let shard = digits.get(..2).unwrap_or_default();
        self.folder.join(agent.to_string()).join(shard).join(digits)
    }

    fn remove_now(&self, agent: AgentId, digest: &Digest) -> Result<()> {
        let file = self.blob(agent, digest);
        match fs::remove_file(&file) {
            Ok(()) => {}
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(()),
            Err(cause) => return Err(unusable(&self.folder, cause)),
        }
        // Folders that are empty now go too; others stay, which is no error.
        if let Some(shard) = file.parent() {
            let _synced = sync_folder(shard);
            if fs::remove_dir(shard).is_ok()
                && let Some(agent) = shard.parent()
            {
                let _or_not = fs::remove_dir(agent);
            }
        }
        Ok(())
    }

    fn agents_now(&self) -> Result<Vec<AgentId>> {
        let names = names(&self.folder)?;
        Ok(names.iter().filter_map(|name| AgentId::parse(name).ok()).collect())
    }

    fn digests_now(&self, agent: AgentId) -> Result<Vec<Digest>> {
        let folder = self.folder.join(agent.to_string());
        let mut digests = Vec::new();
        for shard in names(&folder)? {
            let blobs = names(&folder.join(shard))?;
            digests.extend(blobs.iter().filter_map(|name| format!("sha256:{name}").parse::<Digest>().ok()));
        }
        Ok(digests)
    }

    fn remove_unfinished_now(&self) -> Result<usize> {
        let folder = self.folder.join(UNFINISHED);
        let mut removed = 0;
        for name in names(&folder)? {
            let path = folder.join(name);
            let Ok(file) = File::open(&path) else { continue };
            // Whoever writes it holds its lock for as long as he lives.
            if fs4::FileExt::try_lock(&file).is_err() {
                continue;
            }
            match fs::remove_file(&path) {
                Ok(()) => removed += 1,
                Err(cause) if cause.kind() == ErrorKind::NotFound => {}
                Err(cause) => return Err(unusable(&self.folder, cause)),
            }
        }
        Ok(removed)
    }

    /// Runs what waits for a disk on a thread of its own.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || work(&this)).await.map_err(Error::internal)?
    }
}

#[async_trait]
impl BlobStore for FolderBlobs {
    async fn home(&self, proposal: Uuid) -> Result<Uuid> {
        self.run(move |this| this.make_home(proposal)).await
    }

    async fn begin(&self, name: Uuid) -> Result<Box<dyn BlobWriter>> {
        self.run(move |this| write::FolderWriter::begin(this, name)).await.map(|writer| Box::new(writer) as _)
    }

    async fn open(&self, agent: AgentId, digest: &Digest, from: u64) -> Result<Box<dyn BlobReader>> {
        let digest = *digest;
        let reader = self.run(move |this| read::FolderReader::open(this, agent, &digest, from)).await?;
        Ok(Box::new(reader))
    }

    async fn remove(&self, agent: AgentId, digest: &Digest) -> Result<()> {
        let digest = *digest;
        self.run(move |this| this.remove_now(agent, &digest)).await
    }

    async fn agents(&self) -> Result<Vec<AgentId>> {
        self.run(Self::agents_now).await
    }

    async fn digests(&self, agent: AgentId) -> Result<Vec<Digest>> {
        self.run(move |this| this.digests_now(agent)).await
    }

    async fn remove_unfinished(&self) -> Result<usize> {
        self.run(Self::remove_unfinished_now).await
    }
}

/// What stands in a folder; one that is not there is empty. Names that are no text are none of ours.
fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // A file where a folder should be is none of ours either.
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(cause) => return Err(unusable(folder, cause)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|cause| unusable(folder, cause))?;
        names.extend(entry.file_name().into_string());
    }
    Ok(names)
}

fn unusable(folder: &Path, cause: std::io::Error) -> Error {
    if matches!(cause.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        return Error::unavailable("storage_full", "there is no room for artifacts").because(cause);
    }
    Error::unavailable("artifacts_unusable", "artifacts can be neither read nor written now")
        .mend(format!("look at the folder {}: its owner, its disk, whether it is mounted", folder.display()))
        .because(cause)
}

/// Makes the names in a folder durable, where a system has a way to.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn create_new(file: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}
