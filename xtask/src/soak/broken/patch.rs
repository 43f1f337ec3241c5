//! One way to break the code.

use super::copy::Copy;
use crate::error::{Error, Naming, Result};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of `xtask/broken`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Patch {
    /// What it breaks: `I1` … `I12`.
    pub(crate) invariant: String,
    /// A short name, such as `acknowledged-before-the-commit`.
    pub(crate) name: String,
    /// What such a mistake would do to people.
    pub(crate) why: String,
    /// The file it changes, from the workspace's root.
    pub(crate) file: String,
    /// The text it takes out, which stands there exactly once.
    pub(crate) find: String,
    /// The text it puts in its place.
    pub(crate) replace: String,
    /// The package of the test that must fail.
    pub(crate) package: String,
    /// Where that test is: `lib`, `bin:NAME` or `test:NAME`.
    pub(crate) target: String,
    /// The test's full name, such as `consent::tests::an_expired_grant_is_none`.
    pub(crate) test: String,
}

/// Reads all patches, in order of their file names.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<Patch>> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).naming("read", folder)? {
        let path = entry.naming("read", folder)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<Patch> {
    let text = fs::read_to_string(path).naming("read", path)?;
    toml::from_str(&text).map_err(|cause| Error::Unreadable(format!("{}: {cause}", path.display())))
}

impl Patch {
    /// Breaks the copy, until [`Broken::restore`].
    pub(crate) fn apply(&self, copy: &Copy) -> Result<Broken> {
        let path = copy.root.join(&self.file);
        let whole = fs::read_to_string(&path).naming("read", &path)?;
        let places = whole.matches(&self.find).count();
        if places != 1 || self.find.is_empty() {
            let told = format!("`find` of {} stands {places} times in {}, not once", self.name, self.file);
            return Err(Error::Unreadable(told));
        }
        let broken = whole.replacen(&self.find, &self.replace, 1);
        fs::write(&path, broken).naming("write", &path)?;
        Ok(Broken { path, whole })
    }
}

/// A file that is broken just now.
#[derive(Debug)]
pub(crate) struct Broken {
    path: PathBuf,
    whole: String,
}

impl Broken {
    /// Puts the file back as it was.
    pub(crate) fn restore(self) -> Result<()> {
        fs::write(&self.path, &self.whole).naming("write", &self.path)
    }
}
