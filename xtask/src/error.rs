//! What can go wrong in a task, said so that a person knows what to do.

use std::path::{Path, PathBuf};

/// The outcome of a task or of a part of it.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a task did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A program could not be started.
    #[error("cannot run `{command}`")]
    Start { command: String, source: std::io::Error },
    /// A program ended with a failure; what it says stands above.
    #[error("`{command}` failed ({status})")]
    Failed { command: String, status: String },
    /// A file or folder could not be read or written.
    #[error("cannot {verb} {}", path.display())]
    File { verb: &'static str, path: PathBuf, source: std::io::Error },
    /// A file, or the output of a program, is not what it should be.
    #[error("{0}")]
    Unreadable(String),
    /// The task worked, and found fault.
    #[error("{0}")]
    Found(String),
    /// The caller asked for something that is not there.
    #[error("{0}")]
    Usage(String),
}

/// Attaches the path to an error of the file system.
pub(crate) trait Naming<T> {
    /// Says what was tried with which file.
    fn naming(self, verb: &'static str, path: &Path) -> Result<T>;
}

impl<T> Naming<T> for std::io::Result<T> {
    fn naming(self, verb: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| Error::File { verb, path: path.to_path_buf(), source })
    }
}
