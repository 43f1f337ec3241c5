//! What the benchmark `bindings` measures beside Rust: the packages of other languages, built for release and
//! installed where nothing else is.

use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::profile::Profile;
use crate::test::{kotlin, node, python, swift};
use crate::workspace::Workspace;
use serde::Serialize;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// A language, as the benchmark is told of it.
#[derive(Debug, Serialize)]
struct Host {
    name: &'static str,
    /// The program that measures, with its first arguments.
    command: Vec<String>,
    /// Where it runs.
    folder: PathBuf,
    /// The native part of the package, where it was installed.
    library: PathBuf,
}

/// All that are here.
#[derive(Debug)]
pub(super) struct Hosts(Vec<Host>);

/// Builds and installs them. Where Swift cannot be had, its figures are left out.
pub(super) fn prepare(workspace: &Workspace) -> Result<Hosts> {
    let mut hosts = vec![of_python(workspace)?, of_node(workspace)?, of_kotlin(workspace)?];
    hosts.extend(of_swift(workspace)?);
    Ok(Hosts(hosts))
}

impl Hosts {
    /// Tells the benchmark.
    pub(super) fn tell(&self, run: Run) -> Result<Run> {
        let told = serde_json::to_string(&self.0)
            .map_err(|cause| Error::Unreadable(format!("the hosts of the benchmark: {cause}")))?;
        Ok(run.env("HUB_HOSTS", told))
    }
}

fn of_python(workspace: &Workspace) -> Result<Host> {
    let interpreter = python::installed(workspace, Profile::Release)?;
    let environment = interpreter.ancestors().nth(2).unwrap_or(&interpreter).to_path_buf();
    let library = only(&environment.join("lib"), "_native.abi3.so")?;
    let bench = workspace.root.join("bindings/python/bench.py");
    Ok(Host { name: "Python", command: words([&interpreter, &bench]), folder: environment, library })
}

fn of_node(workspace: &Workspace) -> Result<Host> {
    let folder = node::installed(workspace, Profile::Release)?;
    let bench = folder.join("bench.mjs");
    let from = workspace.root.join("bindings/node/bench.mjs");
    fs::copy(&from, &bench).naming("copy", &from)?;
    let library = only(&folder.join("node_modules/hub-core/native"), ".node")?;
    Ok(Host { name: "Node", command: words([Path::new("node"), &bench]), folder, library })
}

fn of_kotlin(workspace: &Workspace) -> Result<Host> {
    let kotlin::Beside { classpath, library, folder } =
        kotlin::beside(workspace, Profile::Release, &bench("Bench.kt"))?;
    Ok(Host { name: "Kotlin", command: words(["java", "-cp", &classpath, "BenchKt"]), folder, library })
}

fn of_swift(workspace: &Workspace) -> Result<Option<Host>> {
    let Some(beside) = swift::beside(workspace, Profile::Release, &bench("main.swift"))? else {
        return Ok(None);
    };
    let swift::Beside { command, library, folder } = beside;
    Ok(Some(Host { name: "Swift", command: words(command), folder, library }))
}

/// What a language that UniFFI serves measures with, from the workspace's root.
fn bench(file: &str) -> PathBuf {
    Path::new("bindings/swift-kotlin/bench").join(file)
}

fn words<S: Into<OsString>>(words: impl IntoIterator<Item = S>) -> Vec<String> {
    words.into_iter().map(|word| word.into().to_string_lossy().into_owned()).collect()
}

/// The file below a folder whose name ends so.
fn only(folder: &Path, end: &str) -> Result<PathBuf> {
    find(folder, end)?.ok_or_else(|| Error::Found(format!("there is no *{end} in {}", folder.display())))
}

fn find(folder: &Path, end: &str) -> Result<Option<PathBuf>> {
    for entry in fs::read_dir(folder).naming("read", folder)? {
        let path = entry.naming("read", folder)?.path();
        let found = if path.is_dir() {
            find(&path, end)?
        } else {
            path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(end)).then_some(path)
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
