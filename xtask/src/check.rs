//! `cargo xtask check`: what must hold before tests are worth running.

mod container;
mod deny;
mod server;
mod tree;
mod unit;
mod workflows;

use crate::command::Run;
use crate::debian;
use crate::error::Result;
use crate::steps::{Ending, Steps};
use crate::workspace::{Package, Workspace};
use clap::Args;

/// Arguments of `cargo xtask check`.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub(crate) struct Options {
    /// Build cargo-deny into the target folder when it is missing (as CI does).
    #[arg(long)]
    pub(crate) install: bool,
    /// Only compare the dependencies with the advisory database, which needs the network.
    #[arg(long)]
    advisories: bool,
}

/// Runs all checks, or the one of advisories.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut steps = Steps::default();
    if options.advisories {
        steps.run("advisories", || deny::advisories(workspace));
    } else {
        steps_of(workspace, options, &mut steps);
    }
    steps.report();
    steps.finish()
}

/// The checks, quickest first.
pub(crate) fn steps_of(workspace: &Workspace, options: &Options, steps: &mut Steps) {
    steps.run("format", || {
        Run::cargo(&["fmt", "--all", "--check"]).folder(&workspace.root).show().map(|()| Ending::Passed)
    });
    steps.run("what the server may not do", || server::check(workspace));
    steps.run("size of the dependency trees", || tree::check(workspace));
    steps.run("what a room builds without", || tree::rooms(workspace));
    steps.run("the systemd unit", || unit::check(workspace));
    steps.run("the Containerfile", || container::check(workspace));
    steps.run("the workflows of a forge", || workflows::check(workspace));
    steps.run("dependencies: bans, licences, sources", || deny::rules(workspace, options.install));
    steps.run("what all features are built with", debian::for_all_features);
    steps.run("lints", || {
        let lints = ["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--quiet"];
        let clippy = Run::cargo(&lints).arguments(["--", "-D", "warnings"]).folder(&workspace.root);
        clippy.show()?;
        // What cargo leaves out of all targets, since it is tested only when it is named.
        let named: Vec<&str> = workspace.packages.iter().flat_map(Package::named_tests).collect();
        let lints = ["clippy", "--workspace", "--all-features", "--locked", "--quiet"];
        let clippy = Run::cargo(&lints).arguments(&named).arguments(["--", "-D", "warnings"]);
        clippy.folder(&workspace.root).show().map(|()| Ending::Passed)
    });
    steps.run("docs", || {
        let docs = ["doc", "--workspace", "--no-deps", "--all-features", "--locked", "--quiet"];
        let rustdoc = Run::cargo(&docs).env("RUSTDOCFLAGS", "-D warnings").folder(&workspace.root);
        rustdoc.show().map(|()| Ending::Passed)
    });
}
