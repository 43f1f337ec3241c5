//! `cargo xtask soak`: what takes too long for every change.

mod broken;
mod kill;
mod lost_write;
mod rooms;

use crate::error::Result;
use crate::steps::Ending;
use crate::test::{answers, fuzz};
use crate::workspace::Workspace;
use clap::{Args, ValueEnum};
use std::time::Duration;

/// Arguments of `cargo xtask soak`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What to run; without it, all.
    #[arg(value_enum)]
    name: Option<Name>,
    /// Rounds of `kill`.
    #[arg(long, default_value_t = 300)]
    rounds: u32,
    /// Minutes of `lost-write`, 60 without it, of `hubs`, 5 without it, of `answers`, 10 without it,
    /// of each target of `fuzz`, 10 without it, and of `rooms`, 60 without it.
    #[arg(long)]
    minutes: Option<u64>,
    /// Seed of `kill`, `lost-write`, `hubs`, `answers` or `fuzz`, to repeat a run that failed; without it, the test
    /// chooses and prints one.
    #[arg(long)]
    seed: Option<u64>,
    /// Of `lost-write`, only this database.
    #[arg(long, value_enum)]
    store: Option<Store>,
    /// Of `broken`, only patches whose name or invariant is this; of `fuzz`, only this target.
    #[arg(long)]
    only: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Kill the server again and again while it takes in and plans, and check what is left.
    Kill,
    /// Random requests while everything goes wrong, held against a model of what must be there.
    LostWrite,
    /// Three hubs on one PostgreSQL, one of them killed every few seconds.
    Hubs,
    /// Requests made from the OpenAPI document, as each kind of principal.
    Answers,
    /// The readers of what comes from elsewhere, fed with made-up bytes.
    Fuzz,
    /// Ten rooms of one LiveKit worker that gives back what it hears.
    Rooms,
    /// Break the code on purpose, one invariant at a time; a named test must catch each.
    Broken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Store {
    Sqlite,
    Postgres,
}

/// Runs one or all.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let wanted = |name| options.name.is_none_or(|only| only == name);
    if wanted(Name::Kill) {
        kill::run(workspace, options.rounds, options.seed)?;
    }
    if wanted(Name::LostWrite) {
        lost_write::run(workspace, options.minutes.unwrap_or(60), options.seed, options.store)?;
    }
    if wanted(Name::Hubs) {
        lost_write::hubs(workspace, options.minutes.unwrap_or(5), options.seed)?;
    }
    if wanted(Name::Answers) {
        let time = Duration::from_secs(60 * options.minutes.unwrap_or(10));
        match answers::run(workspace, time, options.seed)? {
            Ending::Skipped(why) => println!("answers: skipped, {why}"),
            Ending::Passed | Ending::Failed(_) => {}
        }
    }
    if wanted(Name::Fuzz) {
        let each = Duration::from_secs(60 * options.minutes.unwrap_or(10));
        fuzz::run(workspace, each, options.only.as_deref(), options.seed)?;
    }
    if wanted(Name::Rooms) {
        rooms::run(workspace, options.minutes.unwrap_or(60))?;
    }
    if wanted(Name::Broken) {
        broken::run(workspace, options.only.as_deref())?;
    }
    Ok(())
}
