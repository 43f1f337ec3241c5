//! `cargo xtask soak`: what takes too long for every change.

mod broken;
mod kill;

use crate::error::Result;
use crate::workspace::Workspace;
use clap::{Args, ValueEnum};

/// Arguments of `cargo xtask soak`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What to run; without it, all.
    #[arg(value_enum)]
    name: Option<Name>,
    /// Rounds of `kill`.
    #[arg(long, default_value_t = 300)]
    rounds: u32,
    /// Seed of `kill`, to repeat a run that failed; without it, the test chooses and prints one.
    #[arg(long)]
    seed: Option<u64>,
    /// Of `broken`, only patches whose name or invariant is this.
    #[arg(long)]
    only: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Kill the server again and again while it takes in and plans, and check what is left.
    Kill,
    /// Break the code on purpose, one invariant at a time; a named test must catch each.
    Broken,
}

/// Runs one or all.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.name != Some(Name::Broken) {
        kill::run(workspace, options.rounds, options.seed)?;
    }
    if options.name != Some(Name::Kill) {
        broken::run(workspace, options.only.as_deref())?;
    }
    Ok(())
}
