//! Deliberately broken builds: does a test notice?
//!
//! Each file in `xtask/broken` breaks one invariant in one place and names the test that must catch it.
//! All happens in a copy of the tree: first the named tests must pass there, then each patch in turn is
//! put in, must compile, and must make its test fail.

mod copy;
mod patch;
mod program;

use crate::error::{Error, Result};
use crate::steps::{Ending, Steps};
use crate::workspace::Workspace;
use copy::Copy;
use patch::Patch;
use program::{Outcome, Programs};

/// Runs all patches, or those whose name or invariant is `only`.
pub(crate) fn run(workspace: &Workspace, only: Option<&str>) -> Result<()> {
    let mut patches = patch::read_all(&workspace.root.join("xtask/broken"))?;
    patches.retain(|patch| only.is_none_or(|only| patch.name == only || patch.invariant == only));
    if patches.is_empty() {
        return Err(Error::Usage("no patch in xtask/broken has that name or invariant".to_owned()));
    }
    let folder = workspace.target.join("broken");
    let copy = Copy::of(&workspace.root, &folder.join("tree"))?;
    let programs = Programs::new(&copy, &folder.join("target"));

    let mut steps = Steps::default();
    for patch in &patches {
        let name = format!("{} {}: {}", patch.invariant, patch.name, patch.test);
        steps.run(&name, || prove(&copy, &programs, patch));
    }
    steps.report();
    steps.finish()?;
    println!("\n{} broken builds, each caught by its test", patches.len());
    Ok(())
}

/// Demands that the test passes without the patch and fails with it.
fn prove(copy: &Copy, programs: &Programs, patch: &Patch) -> Result<Ending> {
    println!("{}", patch.why.trim());
    match programs.test(patch)? {
        Outcome::Passed => {}
        other => return Err(Error::Found(format!("before anything was broken, {}", other.told(patch)))),
    }
    let broken = patch.apply(copy)?;
    let outcome = programs.test(patch);
    broken.restore()?;
    match outcome? {
        Outcome::Failed(said) => {
            println!("caught: {said}");
            Ok(Ending::Passed)
        }
        other => Err(Error::Found(format!("broken, and {}", other.told(patch)))),
    }
}

#[cfg(test)]
mod tests;
