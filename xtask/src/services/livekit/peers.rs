//! Other makers' participants, driven by the scripts in `crates/hub-livekit/tests/peers`: Python's
//! `livekit`, and `livekit-client` in a browser.

use super::Variables;
use crate::command::Run;
use crate::debian::{self, found};
use crate::error::{Error, Naming, Result};
use std::fs;
use std::path::{Path, PathBuf};

const PYTHON_PACKAGE: &str = "livekit";
const PYTHON_VERSION: &str = "1.2.1";
/// What the script computes spectra with.
const NUMBERS: &str = "numpy";
const NODE_PACKAGES: [&str; 2] = ["livekit-client@2.23.0", "playwright-core@1.65.1"];
/// What Debian and others call the browser's program.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The interpreter that has the package `livekit`.
const PYTHON: &str = "HUB_TEST_LIVEKIT_PYTHON";
/// The folder whose `node_modules` has `livekit-client` and `playwright-core`.
const NODE: &str = "HUB_TEST_LIVEKIT_NODE";
/// The browser's program.
const BROWSER: &str = "HUB_TEST_LIVEKIT_BROWSER";

/// Installs what is missing. Under CI the browser too, by the system's packages; elsewhere the system is
/// left as it is, and who has no browser is told so.
pub(super) fn install(cache: &Path, ci: bool) -> Result<()> {
    python(cache)?;
    if found("npm").is_none() {
        return refuse(ci, "npm is not here: no test meets a browser");
    }
    node(cache)?;
    match browser() {
        Some(_) => Ok(()),
        None if ci => debian::install("chromium"),
        None => refuse(ci, "Chromium is not here: no test meets a browser"),
    }
}

fn refuse(ci: bool, why: &str) -> Result<()> {
    if ci {
        return Err(Error::Usage(why.to_owned()));
    }
    println!("LiveKit: {why}");
    Ok(())
}

fn environment(cache: &Path) -> PathBuf {
    cache.join(format!("livekit-python-{PYTHON_VERSION}"))
}

/// A file that is written last, so that an installation that was broken off is not taken for a whole one.
const DONE: &str = "done";

fn python(cache: &Path) -> Result<()> {
    let folder = environment(cache);
    if folder.join(DONE).is_file() {
        return Ok(());
    }
    println!("LiveKit: installing {PYTHON_PACKAGE} {PYTHON_VERSION}");
    Run::new("python3", &["-m", "venv"]).arguments([&folder]).show()?;
    let package = format!("{PYTHON_PACKAGE}=={PYTHON_VERSION}");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &package, NUMBERS];
    Run::new(folder.join("bin/python"), &pip).show()?;
    done(&folder)
}

fn scripts(cache: &Path) -> PathBuf {
    cache.join(format!("livekit-node-{}", NODE_PACKAGES.join("-")))
}

fn node(cache: &Path) -> Result<()> {
    let folder = scripts(cache);
    if folder.join(DONE).is_file() {
        return Ok(());
    }
    println!("LiveKit: installing {}", NODE_PACKAGES.join(" and "));
    fs::create_dir_all(&folder).naming("make", &folder)?;
    // Neither needs its scripts, which would fetch browsers.
    let npm =
        ["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", "."];
    Run::new("npm", &npm).arguments(NODE_PACKAGES).folder(&folder).show()?;
    done(&folder)
}

fn done(folder: &Path) -> Result<()> {
    let file = folder.join(DONE);
    fs::write(&file, "").naming("write", &file)
}

fn browser() -> Option<PathBuf> {
    BROWSERS.into_iter().find_map(found)
}

/// The variables of those that are here.
pub(super) fn variables(cache: &Path) -> Variables {
    let python = Some(environment(cache)).filter(|folder| folder.join(DONE).is_file());
    let node = Some(scripts(cache)).filter(|folder| folder.join(DONE).is_file());
    let all = [(PYTHON, python.map(|folder| folder.join("bin/python"))), (NODE, node), (BROWSER, browser())];
    let here = all.into_iter().filter_map(|(name, path)| Some((name, path?.display().to_string())));
    here.collect()
}
