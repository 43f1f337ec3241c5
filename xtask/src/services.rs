//! `cargo xtask services`: what the tests need beside this workspace.
//!
//! SQLite is compiled in, and servers under test listen on ports that the system gives them.
//! PostgreSQL is started here, in a folder of its own under the target folder and on a free port, and
//! stopped again. It is a Python package, which only `services up`, and the tests under CI, install.

pub(crate) mod postgres;

use crate::command::Run;
use crate::error::Result;
use crate::steps::Ending;
use crate::workspace::Workspace;
use clap::{Args, ValueEnum};
use postgres::Postgres;
use std::path::PathBuf;

/// The variable by which tests find a PostgreSQL server: the URL of a role that may make databases.
const POSTGRES_URL: &str = "HUB_TEST_POSTGRES_URL";

/// The variable by which benchmarks find the programs of PostgreSQL.
const POSTGRES_PROGRAMS: &str = "HUB_POSTGRES_PROGRAMS";

/// Arguments of `cargo xtask services`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(value_enum, default_value = "status")]
    wish: Wish,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Wish {
    /// Install what is missing and start what the tests need.
    Up,
    /// Stop what was started here.
    Down,
    /// Say what the tests need, and what of it runs.
    Status,
}

/// Answers a wish.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let postgres = Postgres::find(workspace)?;
    match options.wish {
        Wish::Up => {
            postgres.install()?;
            println!("export {POSTGRES_URL}={}", postgres.start()?);
        }
        Wish::Down => {
            let ran = postgres.running()?.is_some();
            postgres.stop()?;
            println!("{}", if ran { "PostgreSQL: stopped" } else { "PostgreSQL: did not run" });
        }
        Wish::Status => match postgres.running()? {
            Some(url) => println!("PostgreSQL: runs\nexport {POSTGRES_URL}={url}"),
            None => println!("PostgreSQL: does not run; `cargo xtask services up` starts it"),
        },
    }
    Ok(())
}

/// What runs for the tests, and whether it was started for them.
#[derive(Debug, Default)]
pub(crate) struct ForTests {
    url: Option<String>,
    /// The folder of the server's programs, for who compares himself with them.
    programs: Option<PathBuf>,
    started: Option<Postgres>,
}

impl ForTests {
    /// Starts what is installed and does not run yet. What is not installed is named as skipped, or
    /// under CI installed. A server that the caller names, or started himself, is left as it is.
    pub(crate) fn start(&mut self, workspace: &Workspace) -> Result<Ending> {
        if let Some(named) = std::env::var(POSTGRES_URL).ok().filter(|url| !url.is_empty()) {
            println!("PostgreSQL: the server that {POSTGRES_URL} names");
            self.url = Some(named);
            return Ok(Ending::Passed);
        }
        match self.start_postgres(workspace) {
            // Where nobody insists, a server that cannot be started here is a part that is left out.
            Err(error) if !workspace.ci => {
                Ok(Ending::Skipped(format!("PostgreSQL cannot be started: {error}")))
            }
            ended => ended,
        }
    }

    fn start_postgres(&mut self, workspace: &Workspace) -> Result<Ending> {
        let postgres = Postgres::find(workspace)?;
        if let Some(url) = postgres.running()? {
            println!("PostgreSQL: runs already");
            self.url = Some(url);
            return Ok(Ending::Passed);
        }
        if workspace.ci {
            postgres.install()?;
        } else if !postgres.is_installed() {
            let why = "PostgreSQL is not here; `cargo xtask services up` installs and starts it";
            return Ok(Ending::Skipped(why.to_owned()));
        }
        self.url = Some(postgres.start()?);
        self.started = Some(postgres);
        Ok(Ending::Passed)
    }

    /// Installs what is missing and starts what does not run, for somebody who cannot do without.
    pub(crate) fn demand(&mut self, workspace: &Workspace) -> Result<()> {
        let postgres = Postgres::find(workspace)?;
        postgres.install()?;
        self.programs = postgres.programs();
        if let Some(named) = std::env::var(POSTGRES_URL).ok().filter(|url| !url.is_empty()) {
            self.url = Some(named);
        } else if let Some(url) = postgres.running()? {
            self.url = Some(url);
        } else {
            self.url = Some(postgres.start()?);
            self.started = Some(postgres);
        }
        Ok(())
    }

    /// Tells a command where the services are.
    pub(crate) fn tell(&self, mut run: Run) -> Run {
        if let Some(url) = &self.url {
            run = run.env(POSTGRES_URL, url);
        }
        if let Some(programs) = &self.programs {
            run = run.env(POSTGRES_PROGRAMS, programs);
        }
        run
    }

    /// Stops what was started for the tests.
    pub(crate) fn stop(&mut self) -> Result<()> {
        self.started.take().map_or(Ok(()), |postgres| postgres.stop())
    }
}
