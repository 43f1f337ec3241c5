//! `cargo xtask test`: the checks, every test, and the packages as their users get them.

mod counts;
mod package;

use crate::command::Run;
use crate::error::{Error, Result};
use crate::services::ForTests;
use crate::steps::{Ending, Steps};
use crate::workspace::Workspace;
use crate::{check, generate};
use clap::{Args, ValueEnum};
use counts::Counts;

/// Arguments of `cargo xtask test`.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    check: check::Options,
    /// Run one part alone.
    #[arg(long, value_enum)]
    part: Option<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// What `cargo xtask check` checks.
    Check,
    /// Unit, integration and documentation tests.
    Tests,
    /// The committed files that are made from code.
    Generated,
    /// The packages, outside the workspace.
    Packages,
}

/// Runs everything and prints, last of all, the line with the sums.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut steps = Steps::default();
    let mut counts = Counts::default();
    let wanted = |part| options.part.is_none_or(|only| only == part);
    if wanted(Part::Check) {
        check::steps_of(workspace, &options.check, &mut steps);
    }
    if wanted(Part::Tests) {
        let mut services = ForTests::default();
        steps.run("services", || services.start(workspace));
        steps.run("tests", || tests(workspace, &services, &mut counts));
        if let Err(error) = services.stop() {
            println!("what was started for the tests could not be stopped: {error}");
        }
    }
    if wanted(Part::Generated) {
        steps.run("generated files", || generate::compare(workspace));
    }
    if wanted(Part::Packages) {
        steps.run("packages outside the workspace", || package::check(workspace));
    }
    steps.report();
    for name in &counts.ignored {
        println!("skipped: {name}");
    }
    // The step of the tests fails when a test does; it is no failure of its own then.
    let others = steps.failed().iter().filter(|name| **name != "tests" || counts.failed == 0).count();
    println!("\n{}", counts.line(others, steps.skipped()));
    steps.finish()
}

/// Unit, integration and documentation tests, and the examples that are tests.
fn tests(workspace: &Workspace, services: &ForTests, counts: &mut Counts) -> Result<Ending> {
    let all = ["test", "--workspace", "--all-features", "--locked", "--no-fail-fast"];
    let cargo = services.tell(Run::cargo(&all)).folder(&workspace.root);
    let success = cargo.follow(|line| counts.read(line))?;
    match (success, counts.failed) {
        (true, _) if counts.passed == 0 => Err(Error::Found("not one test ran".to_owned())),
        (true, _) => Ok(Ending::Passed),
        (false, 0) => Err(Error::Found("the tests could not be built or run to their end".to_owned())),
        (false, failed) => Err(Error::Found(format!("{failed} tests"))),
    }
}
