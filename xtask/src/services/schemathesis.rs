//! Schemathesis, a Python package that makes requests from an OpenAPI document.

use crate::command::Run;
use crate::error::{Naming as _, Result};
use crate::workspace::Workspace;
use std::env;
use std::fs;
use std::path::PathBuf;

/// The version stands here so that a new release changes nothing by surprise.
const VERSION: &str = "4.32.5";

/// The package, installed or not, in the user's cache: one for every checkout.
#[derive(Debug)]
pub(crate) struct Schemathesis {
    folder: PathBuf,
}

impl Schemathesis {
    /// Finds out where it belongs.
    pub(crate) fn find(workspace: &Workspace) -> Self {
        let given = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = given("XDG_CACHE_HOME").or_else(|| given("HOME").map(|home| home.join(".cache")));
        let cache = cache.unwrap_or_else(|| workspace.target.clone()).join("hub-services");
        Self { folder: cache.join(format!("schemathesis-{VERSION}")) }
    }

    pub(crate) fn is_installed(&self) -> bool {
        self.folder.join("bin/schemathesis").is_file()
    }

    /// Installs it by the configuration that the user's pip has. What was broken off is begun again.
    pub(crate) fn install(&self) -> Result<()> {
        if self.is_installed() {
            return Ok(());
        }
        println!("Schemathesis {VERSION}: installing");
        fs::create_dir_all(&self.folder).naming("make", &self.folder)?;
        Run::new("python3", &["-m", "venv"]).arguments([&self.folder]).show()?;
        let package = format!("schemathesis=={VERSION}");
        Run::new(self.python(), &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &package])
            .show()
    }

    /// The Python that has the package.
    pub(crate) fn python(&self) -> PathBuf {
        self.folder.join("bin/python")
    }

    pub(crate) fn status(&self) -> String {
        let word =
            if self.is_installed() { "installed" } else { "not here; `cargo xtask services up` installs it" };
        format!("Schemathesis {VERSION}: {word}")
    }
}
