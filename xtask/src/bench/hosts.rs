//! What the benchmark `bindings` measures beside Rust: the packages of other languages, built for release and
//! installed where nothing else is.

use crate::command::Run;
use crate::error::{Naming, Result};
use crate::profile::Profile;
use crate::test::{node, python};
use crate::workspace::Workspace;
use std::fs;
use std::path::PathBuf;

/// Where they are, for the benchmark.
#[derive(Debug)]
pub(super) struct Hosts {
    python: PathBuf,
    node: PathBuf,
}

/// Builds and installs them.
pub(super) fn prepare(workspace: &Workspace) -> Result<Hosts> {
    let python = python::installed(workspace, Profile::Release)?;
    let node = node::installed(workspace, Profile::Release)?;
    let (from, to) = (workspace.root.join("bindings/node/bench.mjs"), node.join("bench.mjs"));
    fs::copy(&from, to).naming("copy", &from)?;
    Ok(Hosts { python, node })
}

impl Hosts {
    /// Tells the benchmark.
    pub(super) fn tell(&self, run: Run, workspace: &Workspace) -> Run {
        run.env("HUB_PYTHON", &self.python)
            .env("HUB_PYTHON_BENCH", workspace.root.join("bindings/python/bench.py"))
            .env("HUB_NODE_PROJECT", &self.node)
    }
}
