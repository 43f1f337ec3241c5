//! The commands of the program `hub`, one a file.
//!
//! | Module | Contents |
//! |---|---|
//! | `serve`, `worker` | run the hub, or a part of it |
//! | `say`, `replay` | feed it |
//! | `actions`, `approve`, `reject` | what it proposes |
//! | `memories`, `recall`, `status` | what it keeps |
//! | `audit`, `doctor` | whether all is well |
//! | `copy` | moves everything to another database |
//! | `bench` | how fast a hub is on this machine |
//! | `config`, `database`, `home`, `admin`, `first_start` | settings, and what is in a data folder |
//! | `session`, `client`, `drain`, `people`, `find` | how commands speak to a running hub |
//! | `tls` | the hub's certificate, and whom a client believes |
//! | `exit`, `screen`, `table`, `speed` | how commands end, and what people read |

mod actions;
mod admin;
mod approve;
mod audit;
mod bench;
mod client;
mod config;
mod copy;
mod database;
mod doctor;
mod drain;
mod exit;
mod find;
mod first_start;
mod home;
mod memories;
mod openapi;
mod people;
mod recall;
mod reject;
mod replay;
mod say;
mod screen;
mod serve;
mod session;
mod speed;
mod status;
mod table;
mod tls;
mod worker;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use exit::{EXIT_CODES, Exit, Failure, Outcome};
use screen::Screen;
use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;

/// A hub for agents that live with people: it keeps what it may, proposes, acts after approval,
/// and can show every step.
#[derive(Debug, Parser)]
#[command(name = "hub", version, after_help = EXIT_CODES, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Common {
    /// The data folder; by default `hub` in the user's data directory
    #[arg(long, env = "HUB_DATA", global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print JSON for programs instead of text for people
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the hub: its REST interface, and all workers
    Serve(serve::Serve),
    /// Run workers apart from `serve --no-workers`
    Worker(worker::Worker),
    /// Speak as a person in a space, and show what came of it
    Say(say::Say),
    /// Feed a transcript
    Replay(replay::Replay),
    /// List proposed actions
    Actions(actions::Actions),
    /// Show an action whole, ask, approve it, and wait for its end
    Approve(approve::Approve),
    /// Refuse an action
    Reject(reject::Reject),
    /// List what is remembered
    Memories(memories::Memories),
    /// Ask the memory
    Recall(recall::Recall),
    /// Show queues, log and counts
    Status(status::Status),
    /// Verify the log
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Move everything to another database, and show that it arrived
    Copy(copy::Copy),
    /// Measure how fast a hub is on this machine, with data of its own
    Bench(bench::Bench),
    /// Find out what is wrong, and how to mend it
    Doctor(doctor::Doctor),
    /// Print the description of the REST interface
    #[command(hide = true)]
    Openapi,
}

/// Runs the command that the program was started with.
pub(crate) fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|wrong| wrong.exit());
    let screen = Screen::new(cli.common.json);
    let outcome =
        database::refuse_passwords_in_flags(&matches).and_then(|()| run(cli.command, &cli.common, &screen));
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            screen.failure(&failure);
            failure.exit.into()
        }
    }
}

fn run(command: Command, common: &Common, screen: &Screen) -> Outcome<Exit> {
    match command {
        Command::Serve(serve) => serve.run(common, screen),
        Command::Worker(worker) => worker.run(common, screen),
        Command::Say(say) => wait_for(say.run(common, screen)),
        Command::Replay(replay) => wait_for(replay.run(common, screen)),
        Command::Actions(actions) => wait_for(actions.run(common, screen)),
        Command::Approve(approve) => wait_for(approve.run(common, screen)),
        Command::Reject(reject) => wait_for(reject.run(common, screen)),
        Command::Memories(memories) => wait_for(memories.run(common, screen)),
        Command::Recall(recall) => wait_for(recall.run(common, screen)),
        Command::Status(status) => wait_for(status.run(common, screen)),
        Command::Audit(audit) => wait_for(audit.run(common, screen)),
        Command::Copy(copy) => wait_for(copy.run(common, screen)),
        Command::Bench(bench) => bench.run(common, screen),
        Command::Doctor(doctor) => wait_for(doctor.run(common, screen)),
        Command::Openapi => openapi::run(screen),
    }
}

/// Commands that speak to a hub need one thread.
fn wait_for(work: impl Future<Output = Outcome<Exit>>) -> Outcome<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|cause| Failure::machine("no runtime can be started", &cause))?.block_on(work)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const DOCUMENT: &str = include_str!("../../../docs/CLI.md");

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_document_names_every_command_exit_code_and_setting() {
        for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
            assert!(DOCUMENT.contains(&format!("| `hub {}", command.get_name())), "{}", command.get_name());
            for argument in command.get_arguments() {
                if let Some(variable) = argument.get_env() {
                    let variable = variable.to_str().unwrap();
                    assert!(DOCUMENT.contains(&format!("`{variable}`")), "{variable}");
                }
            }
        }
        for line in EXIT_CODES.lines().skip(1) {
            let (code, meaning) = line.trim().split_once("  ").unwrap();
            assert!(DOCUMENT.contains(&format!("| {code} | {meaning} |")), "{line}");
        }
    }

    #[test]
    fn the_document_shows_settings_and_transcripts_that_work() {
        let blocks = |language: &str| {
            let begin = format!("```{language}\n");
            DOCUMENT.split(&begin).skip(1).filter_map(|rest| rest.split("```").next()).collect::<Vec<_>>()
        };
        for block in blocks("toml") {
            assert_eq!(toml::from_str::<config::Config>(block).unwrap().hub.time_zone, "Europe/Berlin");
        }
        assert_eq!(blocks("json").len(), 2);
        for block in blocks("json") {
            hub_server::transcript::read(block.as_bytes()).unwrap();
        }
    }
}
