//! The systemd unit: it is well formed, and takes from the hub what it does not need.

use crate::command::Run;
use crate::error::{Error, Naming as _, Result};
use crate::steps::Ending;
use crate::workspace::Workspace;
use std::fs;

/// The most that `systemd-analyze security` may say, in tenths: 0 is shut away, 100 is unprotected. It is
/// 1.2 with systemd 252; what others weigh otherwise has room.
const EXPOSURE: &str = "15";

const UNIT: &str = "hub.service";

/// The program as the unit names it, which is not there on machines that build.
const PROGRAM: &str = "/usr/local/bin/hub";

/// Verifies a copy of the unit that starts a program which is there.
pub(crate) fn check(workspace: &Workspace) -> Result<Ending> {
    if Run::new("systemd-analyze", &["--version"]).capture().is_err() {
        return Ok(Ending::Skipped("systemd-analyze is not here; it comes with systemd".to_owned()));
    }
    let unit = workspace.root.join("deploy").join(UNIT);
    let text = fs::read_to_string(&unit).naming("read", &unit)?;
    if !text.contains(PROGRAM) {
        return Err(Error::Found(format!("deploy/hub.service starts something else than {PROGRAM}")));
    }
    let folder = tempfile::tempdir().naming("make a folder in", &std::env::temp_dir())?;
    let copy = folder.path().join(UNIT);
    fs::write(&copy, text.replace(PROGRAM, "/bin/true")).naming("write", &copy)?;
    verify(Run::new("systemd-analyze", &["verify", "--man=no"]).arguments([&copy]))?;
    let security = ["security", "--offline=true", "--no-pager", "--threshold", EXPOSURE];
    verify(Run::new("systemd-analyze", &security).arguments([&copy]))?;
    Ok(Ending::Passed)
}

/// Runs it, and shows what it said when it found fault. It ends well though it ignored a line that it does
/// not know, and tells of it on standard error, as it does of other units of the machine.
fn verify(run: Run) -> Result<()> {
    let line = run.line();
    let found = run.capture()?;
    if found.success && !found.stderr.contains(UNIT) {
        return Ok(());
    }
    Err(Error::Found(format!("{line}\n{}{}", found.stdout, found.stderr)))
}
