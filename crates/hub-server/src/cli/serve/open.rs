//! Opening the data of a folder, for a process that holds it.

use crate::cli::config::{self, Config};
use crate::cli::database::{self, Database, DatabaseArgs};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::home::Home;
use crate::cli::serve::model::ModelArgs;
use crate::cli::serve::telemetry::Telemetry;
use clap::Args;
use hub_core::artifacts::FolderBlobs;
use hub_core::hub::WorkerRole;
use hub_core::vocabulary::PlannerKind;
use hub_core::{Hub, HubBuilder};
use hub_http::{HttpRequest, Secrets, SystemResolver};
use hub_server::telemetry::Metrics;
use hub_server::telemetry::logs::{self, LogFormat};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;
use tracing::Level;

/// What every command takes that holds a data folder.
#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    artifacts: ArtifactsArgs,
    #[command(flatten)]
    model: ModelArgs,
    /// How to write the log, on standard error: human or json [default: human]
    #[arg(long, env = "HUB_LOG_FORMAT", value_name = "FORMAT")]
    log: Option<LogFormat>,
    /// What to log: error, warn, info, debug or trace
    #[arg(long, env = "HUB_LOG", value_name = "LEVEL", default_value = "info")]
    log_level: Level,
}

/// Where artifacts are kept.
#[derive(Debug, Args)]
pub(crate) struct ArtifactsArgs {
    /// Folder of artifacts, which hubs on one database share [default: artifacts in the data folder]
    #[arg(long, env = "HUB_ARTIFACTS", value_name = "DIR")]
    artifacts: Option<PathBuf>,
}

impl ArtifactsArgs {
    /// The folder that was named, on the command line or in the settings.
    pub(crate) fn folder(&self, config: &Config) -> Option<PathBuf> {
        self.artifacts.clone().or_else(|| config.artifacts.clone())
    }
}

/// An open hub and what it was opened with.
pub(crate) struct Opened {
    pub(crate) hub: Hub,
    pub(crate) config: Config,
    pub(crate) database: Database,
    pub(crate) telemetry: Telemetry,
}

impl OpenArgs {
    /// As many threads as the machine has cores: more would only cost memory.
    pub(crate) fn runtime(&self) -> Outcome<tokio::runtime::Runtime> {
        let built = tokio::runtime::Builder::new_multi_thread().worker_threads(cores()).enable_all().build();
        built.map_err(|cause| Failure::machine("no runtime can be started", &cause))
    }

    /// Takes the folder, opens the database that belongs to it, and starts these workers.
    pub(crate) async fn open(
        &self,
        home: &Home,
        program: &str,
        roles: Vec<WorkerRole>,
        metrics: &Metrics,
    ) -> Outcome<Opened> {
        let config = config::load(self.database.config.as_deref(), home)?;
        let format = self.log.or(config.log).unwrap_or_default();
        let telemetry = Telemetry::start(program, metrics)?;
        let colour = std::io::stderr().is_terminal();
        logs::init(format, self.log_level, colour, std::io::stderr, telemetry.layer());
        let database = database::choose(&self.database.named(&config), home)?;
        let mut builder = HubBuilder::in_folder(home.path())
            .holder(format!("`{program}` (process {})", std::process::id()))
            .settings(config.hub.clone())
            .observer(metrics.observer())
            .traces(telemetry.traces())
            .tool(Arc::new(http_request(&config)?))
            .workers(roles);
        if let Some(folder) = self.artifacts.folder(&config) {
            builder = builder.artifacts(Arc::new(FolderBlobs::new(&folder)));
        }
        if let Some(planner) = self.model.planner(&config, telemetry.traces())? {
            builder = builder.planner(PlannerKind::OpenAi, planner);
        }
        if let Some(executor) = database.open().await? {
            builder = builder.executor(executor);
        }
        let hub = builder.open().await?;
        match database::remember(home, &database) {
            Ok(()) => Ok(Opened { hub, config, database, telemetry }),
            Err(failure) => {
                hub.shutdown().await;
                Err(failure)
            }
        }
    }
}

/// The tool that asks services on the web, by the rules of the settings.
fn http_request(config: &Config) -> Outcome<HttpRequest> {
    HttpRequest::new(&config.http_request, Arc::new(SystemResolver), Arc::new(Environment)).map_err(|error| {
        Failure::usage(error.code(), format!("the section [http_request] of the settings: {error}"))
            .next("docs/CLI.md says what a rule holds")
    })
}

/// Secrets that stand in the environment, each under its name behind a prefix: nothing else of the
/// environment can be asked for.
#[derive(Debug)]
struct Environment;

impl Secrets for Environment {
    fn secret(&self, name: &str) -> Option<String> {
        std::env::var(format!("HUB_SECRET_{name}")).ok()
    }
}

/// Cores of the machine.
fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// The last line of a process that held the folder.
pub(crate) fn say_stop(closed: bool) -> &'static str {
    if closed {
        "Stopped: everything that was accepted is stored."
    } else {
        "Stopped before the database was closed: what was acknowledged is stored, the rest is asked for again."
    }
}
