//! `cargo xtask`: the one entry point for people and CI. `cargo xtask --help` names the commands.

mod bench;
mod check;
mod command;
mod debian;
mod error;
mod fixtures;
mod generate;
mod parity;
mod profile;
mod services;
mod size;
mod soak;
mod steps;
mod test;
mod workspace;

use clap::{Parser, Subcommand};
use error::Result;
use std::process::ExitCode;
use workspace::Workspace;

/// Everything that is checked, tested, measured or generated here, each by one command.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run `check`, then every test, and end with the line `N passed, N failed`.
    Test(test::Options),
    /// Format, lints, dependencies, docs, the size of the tree, and what the server may not do.
    Check(check::Options),
    /// Measure: build a benchmark for release, run it, print its table.
    Bench(bench::Options),
    /// Build the native library of the packages for release, and show what takes room in it.
    Size(size::Options),
    /// Write the committed files that are made from code; under CI, fail when they differ.
    Gen,
    /// Write a database of the present schema, for the tests of upgrades: when a version is complete.
    Fixtures,
    /// Long fault runs, and deliberately broken builds that a named test must catch.
    Soak(soak::Options),
    /// What the tests need beside this workspace: start it, stop it, show it.
    Services(services::Options),
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error}");
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Test(options) => test::run(&workspace, &options),
        Task::Check(options) => check::run(&workspace, &options),
        Task::Bench(options) => bench::run(&workspace, &options),
        Task::Size(options) => size::run(&workspace, &options),
        Task::Gen => generate::run(&workspace),
        Task::Fixtures => fixtures::run(&workspace),
        Task::Soak(options) => soak::run(&workspace, &options),
        Task::Services(options) => services::run(&workspace, &options),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
