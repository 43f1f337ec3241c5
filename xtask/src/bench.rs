//! `cargo xtask bench NAME [--json]`: a benchmark of the workspace, with what its figures mean.
//!
//! A benchmark is a bench target with `harness = false` in any package. It is built for release, and
//! writes one JSON document, [`report::Measured`], to its standard output; what it says on the way goes to its
//! standard error. This task adds machine, date, commit and command, and prints a table or the whole
//! document.

mod hosts;
mod machine;
mod report;

use crate::command::Run;
use crate::error::{Error, Result};
use crate::services::ForTests;
use crate::services::livekit::{LiveKit, namespace};
use crate::workspace::Workspace;
use clap::Args;
use report::{Measured, Report};
use std::ffi::OsString;

/// Arguments of `cargo xtask bench`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The benchmark; without a name they are listed.
    name: Option<String>,
    /// Print the JSON document instead of a table.
    #[arg(long)]
    json: bool,
    /// The database to measure, where the benchmark has one: sqlite or postgres.
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
    /// Arguments for the benchmark itself.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// The benchmark that needs packages of other languages.
const OF_LANGUAGES: &str = "bindings";

/// Runs one benchmark, or lists them.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let Some(name) = &options.name else {
        println!("benchmarks: {}", names(workspace));
        return Ok(());
    };
    let mut packages = workspace.packages.iter();
    let found = packages.find_map(|package| Some((package, package.target("bench", name)?)));
    let (package, target) = found.ok_or_else(|| {
        Error::Usage(format!("there is no benchmark `{name}`; there are: {}", names(workspace)))
    })?;
    let features = target.required_features.join(",");
    let bench = ["bench", "--quiet", "--locked", "--package", &package.name, "--features", &features];
    let bench = [bench.as_slice(), &["--bench", name, "--"]].concat();
    let mut arguments = options.arguments.clone();
    let mut services = ForTests::default();
    if let Some(store) = &options.store {
        arguments.extend(["--store".to_owned(), store.clone()]);
        if store == "postgres" {
            services.demand(workspace)?;
        }
    }
    let output = if name == ROOMS {
        beside_livekit(workspace, &bench, &arguments)
    } else {
        let mut command = Run::cargo(&bench).arguments(&arguments).folder(&workspace.root);
        if name == OF_LANGUAGES {
            command = hosts::prepare(workspace)?.tell(command)?;
        }
        services.tell(command).read()
    };
    services.stop()?;
    let output = output?;
    let measured: Measured = serde_json::from_str(&output)
        .map_err(|cause| Error::Unreadable(format!("benchmark `{name}` wrote no document: {cause}")))?;
    let report = Report::new(name, typed(name, options), machine::describe(workspace)?, measured)?;
    if options.json {
        let text = serde_json::to_string_pretty(&report)
            .map_err(|cause| Error::Unreadable(format!("the report of `{name}`: {cause}")))?;
        println!("{text}");
    } else {
        print!("{report}");
    }
    Ok(())
}

/// The benchmark that needs a LiveKit server.
const ROOMS: &str = "livekit";

/// Builds, and then runs beside a server in a network namespace, where nothing can be built any more.
fn beside_livekit(workspace: &Workspace, bench: &[&str], arguments: &[String]) -> Result<String> {
    LiveKit::find(workspace)?.install(workspace)?;
    let build: Vec<&str> = bench.iter().copied().filter(|argument| *argument != "--").collect();
    Run::cargo(&build).arguments(["--no-run"]).folder(&workspace.root).aside()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let command = [cargo].into_iter().chain(bench.iter().map(OsString::from));
    let command: Vec<OsString> = command.chain(arguments.iter().map(OsString::from)).collect();
    namespace::enter(&command)?.folder(&workspace.root).read()
}

fn typed(name: &str, options: &Options) -> String {
    let mut command = format!("cargo xtask bench {name}");
    if let Some(store) = &options.store {
        command.push_str(" --store ");
        command.push_str(store);
    }
    if !options.arguments.is_empty() {
        command.push_str(" -- ");
        command.push_str(&options.arguments.join(" "));
    }
    command
}

fn names(workspace: &Workspace) -> String {
    let targets = workspace.packages.iter().flat_map(|package| &package.targets);
    let benches = targets.filter(|target| target.kind.iter().any(|kind| kind == "bench"));
    let names: Vec<&str> = benches.map(|target| target.name.as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
