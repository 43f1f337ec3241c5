//! A copy of the tree that may be broken.

use crate::command::Run;
use crate::error::{Naming, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The copy.
#[derive(Debug)]
pub(crate) struct Copy {
    pub(crate) root: PathBuf,
}

impl Copy {
    /// Copies what git knows or would know of `from`. Files that are the same already stay untouched,
    /// so that cargo compiles again only what changed; files that are gone are removed.
    pub(crate) fn of(from: &Path, to: &Path) -> Result<Self> {
        let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let listed = Run::new("git", &list).folder(from).read()?;
        let present = |file: &&str| !file.is_empty() && from.join(file).symlink_metadata().is_ok();
        let files: BTreeSet<PathBuf> = listed.split('\0').filter(present).map(PathBuf::from).collect();
        fs::create_dir_all(to).naming("make", to)?;
        remove_others(to, to, &files)?;
        for file in &files {
            copy(&from.join(file), &to.join(file))?;
        }
        Ok(Self { root: to.to_path_buf() })
    }
}

fn remove_others(root: &Path, folder: &Path, files: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).naming("read", folder)? {
        let path = entry.naming("read", folder)?.path();
        let kind = path.symlink_metadata().naming("read", &path)?;
        let ours = path.strip_prefix(root).is_ok_and(|file| files.contains(file));
        if kind.is_dir() {
            remove_others(root, &path, files)?;
        } else if !ours {
            fs::remove_file(&path).naming("remove", &path)?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).naming("make", folder)?;
    }
    if from.is_symlink() {
        return link(from, to);
    }
    let bytes = fs::read(from).naming("read", from)?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(to, bytes).naming("write", to)
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<()> {
    let target = fs::read_link(from).naming("read", from)?;
    match fs::read_link(to) {
        Ok(there) if there == target => Ok(()),
        Ok(_) => {
            fs::remove_file(to).naming("remove", to)?;
            std::os::unix::fs::symlink(target, to).naming("link", to)
        }
        Err(_) => std::os::unix::fs::symlink(target, to).naming("link", to),
    }
}

#[cfg(not(unix))]
fn link(from: &Path, _: &Path) -> Result<()> {
    Err(crate::error::Error::Usage(format!("{} is a link, which cannot be copied here", from.display())))
}
