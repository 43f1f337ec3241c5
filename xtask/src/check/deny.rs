//! cargo-deny: bans, licences and sources always; advisories where the network is.

use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::steps::Ending;
use crate::workspace::Workspace;
use std::path::PathBuf;

/// The version that CI builds, so that a new release changes nothing by surprise.
const VERSION: &str = "0.20.2";

/// Checks deny.toml. Without cargo-deny this is skipped, or under CI built first.
pub(crate) fn rules(workspace: &Workspace, install: bool) -> Result<Ending> {
    let program = match found(workspace) {
        Some(program) => program,
        None if install || workspace.ci => build(workspace)?,
        None => {
            let why = "cargo-deny is not here; `cargo xtask check --install` builds it (a minute or two)";
            return Ok(Ending::Skipped(why.to_owned()));
        }
    };
    let rules =
        ["--locked", "--log-level", "error", "--config", "deny.toml", "check", "--hide-inclusion-graph"];
    let deny = Run::new(program, &rules).arguments(["bans", "licenses", "sources"]).folder(&workspace.root);
    deny.show().map(|()| Ending::Passed)
}

/// Compares the dependencies with the advisory database, which is fetched.
pub(crate) fn advisories(workspace: &Workspace) -> Result<Ending> {
    let program = match found(workspace) {
        Some(program) => program,
        None => build(workspace)?,
    };
    let rules = ["--locked", "--config", "deny-advisories.toml", "check", "advisories"];
    Run::new(program, &rules).folder(&workspace.root).show().map(|()| Ending::Passed)
}

fn private(workspace: &Workspace) -> PathBuf {
    workspace.target.join("tools").join(format!("cargo-deny-{VERSION}"))
}

/// The one built here, else the one on the path.
fn found(workspace: &Workspace) -> Option<PathBuf> {
    let ours = private(workspace).join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if ours.is_file() {
        return Some(ours);
    }
    let theirs = Run::new("cargo-deny", &["--version"]).capture();
    theirs.is_ok_and(|said| said.success).then(|| PathBuf::from("cargo-deny"))
}

/// Builds it unoptimised, which is quicker than it is slow: a check takes two seconds.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let folder = private(workspace);
    let objects = workspace.target.join("tools/build");
    println!("building cargo-deny {VERSION} in {}", folder.display());
    Run::cargo(&["install", "cargo-deny", "--version", VERSION, "--locked", "--debug", "--quiet"])
        .arguments(["--root".as_ref(), folder.as_os_str()])
        .env("CARGO_TARGET_DIR", &objects)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        // Outside the workspace, its rust-toolchain.toml and its configuration would not apply.
        .folder(&workspace.root)
        .show()?;
    if objects.exists() {
        std::fs::remove_dir_all(&objects).naming("remove", &objects)?;
    }
    found(workspace)
        .ok_or_else(|| Error::Found("cargo-deny was built, and is not where it should be".to_owned()))
}
