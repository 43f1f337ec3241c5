//! `cargo xtask test`: the checks, every test, and the packages as their users get them.

pub(crate) mod answers;
pub(crate) mod border;
mod counts;
pub(crate) mod fuzz;
pub(crate) mod kotlin;
pub(crate) mod node;
mod package;
pub(crate) mod python;
pub(crate) mod swift;
mod together;

use crate::command::Run;
use crate::error::{Error, Result};
use crate::services::ForTests;
use crate::services::livekit::{LiveKit, namespace};
use crate::steps::{Ending, Steps};
use crate::workspace::Workspace;
use crate::{check, debian, generate};
use clap::{Args, ValueEnum};
use counts::Counts;
use std::ffi::OsString;

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
    /// The tests beside a LiveKit server, which are among those of `tests` too.
    Livekit,
    /// Requests that Schemathesis makes from the OpenAPI document, as each kind of principal.
    Answers,
    /// The readers of what comes from elsewhere, each fed with made-up bytes for some seconds.
    Fuzz,
    /// The committed files that are made from code.
    Generated,
    /// The packages, outside the workspace.
    Packages,
    /// The Python package, as a wheel in a clean environment.
    Python,
    /// The npm package, as a tarball in an empty project.
    Node,
    /// The Kotlin library, as an artifact of a local repository.
    Kotlin,
    /// The Swift package, in a Debian root that has Swift.
    Swift,
    /// A tool in Python and one in Node, in two processes on one database.
    Together,
}

/// What a run of the store's tests on the newest PostgreSQL is called.
const ON_NEWEST: &str = "store on PostgreSQL 18";

/// The tests of which it consists: what rests on PostgreSQL itself. The rest of the hub stands on these.
const OF_NEWEST: [&str; 9] = [
    "rules::",
    "postgres::checks::the_server_is_of_the_version",
    "postgres::costs::",
    "postgres::hub::",
    "postgres::locks::a_write_",
    "postgres::locks::events_that_",
    "postgres::schemas::",
    "postgres::text::",
    "postgres::wall::",
];

/// What the run beside a LiveKit server is called.
const ON_LIVEKIT: &str = "rooms on a LiveKit server";

/// Runs everything and prints, last of all, the line with the sums.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut steps = Steps::default();
    let mut counts = Counts::default();
    let wanted = |part| options.part.is_none_or(|only| only == part);
    if wanted(Part::Check) {
        check::steps_of(workspace, &options.check, &mut steps);
    }
    if options.part.is_some_and(|part| matches!(part, Part::Tests | Part::Livekit)) {
        // Else the checks have seen to it.
        steps.run("what all features are built with", debian::for_all_features);
    }
    if wanted(Part::Tests) {
        let mut services = ForTests::default();
        steps.run("services", || services.start(workspace));
        steps.run("tests", || tests(workspace, &services, &mut counts));
        steps.run(ON_NEWEST, || on_newest(workspace, &mut services, &mut counts));
        if let Err(error) = services.stop() {
            println!("what was started for the tests could not be stopped: {error}");
        }
    }
    if wanted(Part::Livekit) || options.part == Some(Part::Tests) {
        steps.run(ON_LIVEKIT, || on_livekit(workspace, &mut counts));
    }
    if wanted(Part::Answers) {
        steps.run("answers", || answers::run(workspace, answers::SHORT, None));
    }
    if wanted(Part::Fuzz) {
        steps.run("fuzz targets", || fuzz::run(workspace, fuzz::SHORT, None, None));
    }
    if wanted(Part::Generated) {
        steps.run("generated files", || generate::compare(workspace));
    }
    if wanted(Part::Packages) {
        steps.run("packages outside the workspace", || package::check(workspace));
    }
    if wanted(Part::Python) {
        steps.run("Python package", || python::check(workspace));
    }
    if wanted(Part::Node) {
        steps.run("npm package", || node::check(workspace));
    }
    if wanted(Part::Kotlin) {
        steps.run("Kotlin library", || kotlin::check(workspace));
    }
    if wanted(Part::Swift) {
        steps.run("Swift package", || swift::check(workspace));
    }
    if wanted(Part::Together) {
        let mut services = ForTests::default();
        steps.run("Python and Node on one database", || together::check(workspace, &mut services));
        if let Err(error) = services.stop() {
            println!("what was started for both could not be stopped: {error}");
        }
    }
    steps.report();
    for name in &counts.ignored {
        println!("skipped: {name}");
    }
    // The step of the tests fails when a test does; it is no failure of its own then.
    let of_tests = |name: &str| ["tests", ON_NEWEST, ON_LIVEKIT].contains(&name);
    let others = steps.failed().iter().filter(|name| !of_tests(name) || counts.failed == 0).count();
    println!("\n{}", counts.line(others, steps.skipped()));
    steps.finish()
}

/// Unit, integration and documentation tests, and the examples that are tests.
fn tests(workspace: &Workspace, services: &ForTests, counts: &mut Counts) -> Result<Ending> {
    let all = ["test", "--workspace", "--all-features", "--locked", "--no-fail-fast"];
    follow(services.tell(Run::cargo(&all)).folder(&workspace.root), counts)
}

/// The tests of the store once more, on the newest PostgreSQL.
fn on_newest(workspace: &Workspace, services: &mut ForTests, counts: &mut Counts) -> Result<Ending> {
    if let Ending::Skipped(why) = services.start_newest(workspace)? {
        return Ok(Ending::Skipped(why));
    }
    // With what was built before.
    let all = ["test", "--workspace", "--all-features", "--locked", "--test", "conformance_postgres", "--"];
    let cargo = Run::cargo(&all).arguments(OF_NEWEST).folder(&workspace.root);
    follow(services.tell_newest(cargo), counts)
}

/// The tests of `hub-livekit` that need a server and other makers' participants, in a network namespace of
/// their own where one can be made.
fn on_livekit(workspace: &Workspace, counts: &mut Counts) -> Result<Ending> {
    let livekit = LiveKit::find(workspace)?;
    if workspace.ci {
        livekit.install(workspace)?;
    } else if !livekit.is_installed() {
        let why = "the LiveKit server is not here; `cargo xtask services livekit` builds it";
        return Ok(Ending::Skipped(why.to_owned()));
    }
    // With what was built before.
    let all = ["test", "--workspace", "--all-features", "--locked", "--no-fail-fast"];
    let named = workspace.package("hub-livekit")?.named_tests();
    if !Run::cargo(&all).arguments(&named).arguments(["--no-run"]).folder(&workspace.root).follow(|_| {})? {
        return Err(Error::Found("the tests could not be built".to_owned()));
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let command = [cargo].into_iter().chain(all.iter().chain(&named).map(OsString::from));
    let command: Vec<OsString> = command.collect();
    follow(namespace::enter(&command)?.folder(&workspace.root), counts)
}

/// Follows a run of tests, and adds what it counts.
fn follow(cargo: Run, counts: &mut Counts) -> Result<Ending> {
    let before = (counts.passed, counts.failed);
    let success = cargo.follow(|line| counts.read(line))?;
    match (success, counts.failed - before.1) {
        (true, _) if counts.passed == before.0 => Err(Error::Found("not one test ran".to_owned())),
        (true, _) => Ok(Ending::Passed),
        (false, 0) => Err(Error::Found("the tests could not be built or run to their end".to_owned())),
        (false, failed) => Err(Error::Found(format!("{failed} tests"))),
    }
}
