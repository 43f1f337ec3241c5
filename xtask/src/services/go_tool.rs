//! Programs that are built from Go modules: one copy in the user's cache for every checkout.

use super::missing;
use crate::command::Run;
use crate::debian::found;
use crate::error::{Naming as _, Result};
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// A program of a module. Its version stands here so that a new release changes nothing by surprise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    name: &'static str,
    source: &'static str,
    version: &'static str,
}

/// Reads the workflows of a forge.
pub(crate) const ACTIONLINT: Program =
    Program { name: "actionlint", source: "github.com/rhysd/actionlint/cmd/actionlint", version: "1.7.7" };

/// A program, installed or not.
#[derive(Debug)]
pub(crate) struct GoTool {
    program: Program,
    folder: PathBuf,
}

impl GoTool {
    /// Finds out where it belongs.
    pub(crate) fn find(workspace: &Workspace, program: Program) -> Self {
        Self { folder: workspace.cache().join(format!("{}-{}", program.name, program.version)), program }
    }

    /// Installs it under CI; elsewhere answers why a step without it is skipped.
    pub(crate) fn missing(&self, workspace: &Workspace) -> Result<Option<String>> {
        missing(workspace, self.program.name, || self.is_installed(), || self.install())
    }

    fn is_installed(&self) -> bool {
        self.program().is_file()
    }

    /// Builds it. Go puts a program in its place only when it is whole.
    pub(crate) fn install(&self) -> Result<()> {
        if self.is_installed() {
            return Ok(());
        }
        println!("{} {}: building", self.program.name, self.program.version);
        fs::create_dir_all(&self.folder).naming("make", &self.folder)?;
        let versioned = format!("{}@v{}", self.program.source, self.program.version);
        // In a folder that is no module; the module's own go.mod says what it is built from.
        Run::new(go(), &["install", &versioned]).env("GOBIN", &self.folder).folder(&self.folder).aside()
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.folder.join(format!("{}{}", self.program.name, std::env::consts::EXE_SUFFIX))
    }

    pub(crate) fn status(&self) -> String {
        let missing = "not here; `cargo xtask services up` installs it";
        let word = if self.is_installed() { "installed" } else { missing };
        format!("{} {}: {word}", self.program.name, self.program.version)
    }
}

/// The compiler of Go, where its installer puts it when it is not on the path.
pub(crate) fn go() -> PathBuf {
    let usual = Path::new("/usr/local/go/bin/go");
    found("go").unwrap_or_else(|| usual.to_path_buf())
}
