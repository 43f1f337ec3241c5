//! Programs that are packages of Debian, installed where a task needs them and they are missing.

use crate::command::Run;
use crate::error::{Error, Result};
use crate::steps::Ending;
use std::env;
use std::path::PathBuf;

/// With all features `hub-livekit` compares its codec with libopus, whose crate builds it by cmake. No
/// default feature needs it.
pub(crate) fn for_all_features() -> Result<Ending> {
    match found("cmake") {
        Some(_) => Ok(Ending::Passed),
        None => install("cmake").map(|()| Ending::Passed),
    }
}

/// Installs a package.
pub(crate) fn install(package: &str) -> Result<()> {
    if found("apt-get").is_none() {
        return Err(Error::Usage(format!("{package} is not here, and no apt-get: install it first")));
    }
    let quiet = ["-qq", "-o", "Dpkg::Use-Pty=0"];
    Run::new("apt-get", &["update"]).arguments(quiet).aside()?;
    let install = Run::new("apt-get", &["install", "-y", "--no-install-recommends"]);
    install.arguments(quiet).arguments([package]).env("DEBIAN_FRONTEND", "noninteractive").aside()
}

/// A program on the path.
pub(crate) fn found(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}
