//! Requests that Schemathesis makes from the OpenAPI document, as each kind of principal, against a hub
//! that runs: no 5xx, no undocumented answer, none that its schema forbids.

use crate::command::Run;
use crate::error::{Error, Naming as _, Result};
use crate::services::python_tool::{PythonTool, SCHEMATHESIS};
use crate::steps::Ending;
use crate::workspace::Workspace;
use serde::Deserialize;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long the requests go on in `cargo xtask test`.
pub(crate) const SHORT: Duration = Duration::from_secs(90);

/// Installs Schemathesis under CI, and says that it is missing elsewhere.
pub(crate) fn run(workspace: &Workspace, time: Duration, seed: Option<u64>) -> Result<Ending> {
    let schemathesis = PythonTool::find(workspace, SCHEMATHESIS);
    if let Some(why) = schemathesis.missing(workspace)? {
        return Ok(Ending::Skipped(why));
    }
    // As the tests build it, so that nothing is built twice.
    Run::cargo(&["build", "--workspace", "--all-features", "--locked", "--bin", "hub"])
        .folder(&workspace.root)
        .show()?;
    let folder = tempfile::tempdir().naming("make a folder in", &std::env::temp_dir())?;
    let hub = Hub::start(&workspace.target.join("debug/hub"), &folder.path().join("data"))?;
    let script = workspace.root.join("xtask/schemathesis/each_principal.py");
    let mut requests = Run::new(schemathesis.python(), &[]).arguments([&script]).arguments([
        hub.said.url.as_str(),
        hub.admin.trim(),
        &time.as_secs().to_string(),
    ]);
    if let Some(seed) = seed {
        requests = requests.arguments([seed.to_string()]);
    }
    requests.show()?;
    Ok(Ending::Passed)
}

/// A hub that goes when this value does.
struct Hub {
    child: Child,
    said: Said,
    admin: String,
}

/// What a hub says when it listens.
#[derive(Debug, Deserialize)]
struct Said {
    url: String,
    admin_token_file: PathBuf,
}

impl Hub {
    fn start(program: &Path, data: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["serve", "--bare", "--listen", "127.0.0.1:0", "--json", "--log-level", "error", "--data"])
            .arg(data)
            .env_remove("HUB_DATABASE_URL")
            .env_remove("HUB_ADMIN_TOKEN")
            .stdout(Stdio::piped())
            .spawn()
            .naming("start", program)?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).naming("hear", program)?;
        }
        let said: Said = serde_json::from_str(&line)
            .map_err(|cause| Error::Unreadable(format!("what the hub said at its start: {cause}")))?;
        let admin = fs::read_to_string(&said.admin_token_file).naming("read", &said.admin_token_file)?;
        Ok(Self { child, said, admin })
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ended_or_gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
