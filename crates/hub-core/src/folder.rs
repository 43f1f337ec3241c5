//! The data folder and its lock: one process writes to it, and the lock says which.

use crate::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Name of the lock in the folder.
const LOCK: &str = "lock";
/// Name of the database in the folder.
const DATABASE: &str = "hub.db";
/// Name of the folder of artifacts in it.
const ARTIFACTS: &str = "artifacts";

/// A data folder that this process holds until the value is dropped.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    lock: File,
}

impl DataFolder {
    /// Makes the folder when it is absent, and takes its lock. `holder` is what the lock tells
    /// others, such as a process number and a program.
    ///
    /// # Errors
    /// `conflict` with `folder_in_use` when another process holds it; `unavailable` when the
    /// folder cannot be made or written to.
    pub fn open(path: &Path, holder: &str) -> Result<Self> {
        create_private(path).map_err(|cause| unusable(path, cause))?;
        let file = path.join(LOCK);
        let mut lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&file)
            .map_err(|cause| unusable(path, cause))?;
        if fs4::FileExt::try_lock(&lock).is_err() {
            let mut other = String::new();
            let _unread = lock.read_to_string(&mut other);
            return Err(Error::conflict(
                "folder_in_use",
                format!(
                    "{} is in use by {}; stop that first, or choose another folder",
                    path.display(),
                    other.trim()
                ),
            ));
        }
        let written = lock
            .set_len(0)
            .and_then(|()| lock.seek(SeekFrom::Start(0)))
            .and_then(|_| lock.write_all(holder.as_bytes()))
            .and_then(|()| lock.flush());
        written.map_err(|cause| unusable(path, cause))?;
        Ok(Self { path: path.to_path_buf(), lock })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The embedded database in it.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        Self::database_in(&self.path)
    }

    /// The artifacts in it.
    #[must_use]
    pub fn artifacts(&self) -> PathBuf {
        Self::artifacts_in(&self.path)
    }

    /// Where the artifacts of a folder are.
    #[must_use]
    pub fn artifacts_in(path: &Path) -> PathBuf {
        path.join(ARTIFACTS)
    }

    /// Where the embedded database of a folder is.
    #[must_use]
    pub fn database_in(path: &Path) -> PathBuf {
        path.join(DATABASE)
    }
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        // The name of a holder that is gone would mislead.
        let _left = self.lock.set_len(0);
        let _unlocked = fs4::FileExt::unlock(&self.lock);
    }
}

#[cfg(unix)]
fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)
}

fn unusable(path: &Path, cause: std::io::Error) -> Error {
    Error::unavailable("folder_unusable", format!("the data folder {} cannot be used", path.display()))
        .because(cause)
}
