//! The Containerfile, by hadolint: what it warns of fails, unless the file says beside the line why not.

use crate::command::Run;
use crate::error::Result;
use crate::services::python_tool::{HADOLINT, PythonTool};
use crate::steps::Ending;
use crate::workspace::Workspace;

pub(crate) fn check(workspace: &Workspace) -> Result<Ending> {
    let hadolint = PythonTool::find(workspace, HADOLINT);
    if let Some(why) = hadolint.missing(workspace)? {
        return Ok(Ending::Skipped(why));
    }
    let rules = ["--no-color", "--failure-threshold", "info", "deploy/Containerfile"];
    Run::new(hadolint.program(), &rules).folder(&workspace.root).show().map(|()| Ending::Passed)
}
