//! The workflows of a public forge, by actionlint: they cannot run here, so their words at least are checked.

use crate::command::Run;
use crate::error::Result;
use crate::services::go_tool::{ACTIONLINT, GoTool};
use crate::steps::Ending;
use crate::workspace::Workspace;

pub(crate) fn check(workspace: &Workspace) -> Result<Ending> {
    let actionlint = GoTool::find(workspace, ACTIONLINT);
    if let Some(why) = actionlint.missing(workspace)? {
        return Ok(Ending::Skipped(why));
    }
    // Without the linters of shell and Python that it would use where they happen to be installed.
    let plain = ["-no-color", "-shellcheck=", "-pyflakes="];
    Run::new(actionlint.program(), &plain).folder(&workspace.root).show().map(|()| Ending::Passed)
}
