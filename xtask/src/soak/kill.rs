//! The test that kills the server, with many more rounds than in CI.

use crate::command::Run;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

const PACKAGE: &str = "hub-server";
const TEST: &str = "kill";

/// The test reads its rounds and its seed from `HUB_SOAK_ROUNDS` and `HUB_SOAK_SEED`.
pub(crate) fn run(workspace: &Workspace, rounds: u32, seed: Option<u64>) -> Result<()> {
    if !workspace.package(PACKAGE)?.has_target("test", TEST) {
        return Err(Error::Usage(format!("{PACKAGE} has no test `{TEST}` yet")));
    }
    let test = ["test", "--locked", "--package", PACKAGE, "--test", TEST, "--", "--nocapture"];
    let mut run = Run::cargo(&test).folder(&workspace.root).env("HUB_SOAK_ROUNDS", rounds.to_string());
    if let Some(seed) = seed {
        run = run.env("HUB_SOAK_SEED", seed.to_string());
    }
    run.show()
}
