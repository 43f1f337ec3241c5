//! What the server may not do: it translates, and the core decides.
//!
//! `hub-server` uses the public API of `hub-core` alone. This check fails when
//!
//! 1. it depends on a database driver, or on a feature of `hub-core` that is not for hosts;
//! 2. SQL stands in one of its texts, or it pulls in source files of the core;
//! 3. a decision of the domain stands in it: a condition, a `match`, a comparison or a predicate reads
//!    one of the words in [`rules::VOCABULARY`] or [`rules::FIELDS`], or it names one of the core's pure
//!    decisions ([`rules::DECISIONS`]).
//!
//! Building such values from what a client sent, and showing them, is translation and passes. Tests of
//! the server (`#[cfg(test)]`, files `tests.rs`, folders `tests`) are not read: they state expectations. What is
//! right although it looks like a decision has a row, with its reason, in `server-exceptions.toml`.

mod exceptions;
mod manifest;
mod rules;
mod scan;
mod sql;

use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::steps::Ending;
use crate::workspace::Workspace;
use std::path::Path;

const PACKAGE: &str = "hub-server";
const SOURCES: &str = "crates/hub-server/src";

/// Reads the manifest and every source file of the server.
pub(crate) fn check(workspace: &Workspace) -> Result<Ending> {
    let mut findings = manifest::check(workspace.package(PACKAGE)?);
    let files = sources(&workspace.root)?;
    for file in &files {
        let path = workspace.root.join(file);
        let text = std::fs::read_to_string(&path).naming("read", &path)?;
        findings.extend(scan::file(file, &text)?);
    }
    let table = workspace.root.join("xtask/server-exceptions.toml");
    let exceptions = exceptions::read(&table)?;
    let verdict = exceptions::apply(findings, &exceptions);
    for finding in &verdict.findings {
        println!("{finding}");
    }
    for unused in &verdict.unused {
        println!("server-exceptions.toml: nothing to except any more: {unused}");
    }
    println!("{} files of {PACKAGE}, {} exceptions", files.len(), exceptions.len());
    match verdict.findings.len() + verdict.unused.len() {
        0 => Ok(Ending::Passed),
        count => Err(Error::Found(format!("{count} findings: move the decision into hub-core"))),
    }
}

/// The server's sources without its tests.
fn sources(root: &Path) -> Result<Vec<String>> {
    let list = ["ls-files", "--cached", "--others", "--exclude-standard", "--", SOURCES];
    let files = Run::new("git", &list).folder(root).read()?;
    let wanted = |file: &&str| {
        let test = file.split('/').any(|part| part == "tests" || part == "tests.rs");
        file.ends_with(".rs") && !test && root.join(file).is_file()
    };
    Ok(files.lines().filter(wanted).map(str::to_owned).collect())
}
