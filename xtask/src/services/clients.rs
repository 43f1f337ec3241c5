//! The official clients of OpenAI's API, which drive the fake of it in tests.

use crate::command::Run;
use crate::error::{Naming, Result};
use crate::workspace::Workspace;
use std::fs;
use std::path::PathBuf;

/// The variable by which tests find their folder.
pub(crate) const VARIABLE: &str = "HUB_TEST_OPENAI_CLIENTS";

/// The versions stand here so that a new release changes nothing by surprise.
const PYTHON: &str = "openai==3.57.0";
const NODE: &str = "openai@6.49.0";
/// A server that speaks the API and that nobody here wrote.
const PEER: &str = "@copilotkit/aimock@1.43.0";

/// The clients, installed or not.
#[derive(Debug)]
pub(crate) struct Clients {
    folder: PathBuf,
}

impl Clients {
    pub(crate) fn find(workspace: &Workspace) -> Self {
        Self { folder: workspace.target.join("services").join("openai-clients") }
    }

    /// Where they are, once both are.
    pub(crate) fn installed(&self) -> Option<&PathBuf> {
        let node = self.folder.join("node/node_modules/openai/package.json");
        // It is written last.
        (node.is_file() && self.folder.join("installed").is_file()).then_some(&self.folder)
    }

    /// Installs both, by the configuration that the user's pip and npm have.
    pub(crate) fn install(&self) -> Result<()> {
        if self.installed().is_some() {
            return Ok(());
        }
        println!("OpenAI clients: installing {PYTHON} (Python), {NODE} and {PEER} (Node)");
        let (python, node) = (self.folder.join("python"), self.folder.join("node"));
        fs::create_dir_all(&node).naming("make", &node)?;
        Run::new("python3", &["-m", "venv"]).arguments([&python]).aside()?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PYTHON];
        Run::new(python.join("bin/python"), &pip).aside()?;
        let npm = ["install", "--no-audit", "--no-fund", "--silent", NODE, PEER];
        Run::new("npm", &npm).folder(&node).aside()?;
        let mark = self.folder.join("installed");
        fs::write(&mark, format!("{PYTHON} {NODE}\n")).naming("write", &mark)
    }
}
