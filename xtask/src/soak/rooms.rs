//! Ten rooms of one worker beside a LiveKit server, for as long as is wished.

use crate::command::Run;
use crate::error::Result;
use crate::services::livekit::{LiveKit, namespace};
use crate::workspace::Workspace;
use std::ffi::OsString;

const TEST: [&str; 6] = ["test", "--release", "--locked", "--package", "hub-livekit", "--test"];
const NAME: &str = "soak";

/// Builds, and then runs where nothing can be built any more. The test reads its time from `HUB_SOAK_MINUTES`.
pub(crate) fn run(workspace: &Workspace, minutes: u64) -> Result<()> {
    LiveKit::find(workspace)?.install(workspace)?;
    Run::cargo(&TEST).arguments([NAME, "--no-run"]).folder(&workspace.root).show()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = TEST.into_iter().chain([NAME, "--", "--nocapture"]).map(OsString::from);
    let command: Vec<OsString> = [cargo].into_iter().chain(arguments).collect();
    namespace::enter(&command)?.folder(&workspace.root).env("HUB_SOAK_MINUTES", minutes.to_string()).show()
}
