//! The database: the one that belongs to the folder, openable, of a schema that this program knows.

use super::check::Check;
use super::network::Running;
use crate::cli::database::{self, Database, Named};
use crate::cli::exit::Failure;
use crate::cli::home::Home;
use hub_core::store::{Executor, SqliteExecutor, migrate};
use std::path::Path;

pub(super) async fn check(home: &Home, named: &Named, running: &Running) -> Check {
    let chosen = match database::choose(named, home) {
        Ok(chosen) => chosen,
        Err(failure) => return Check::failed("database", &failure),
    };
    let shown = chosen.shown();
    match running {
        Running::Yes { ready: true, .. } => {
            return Check::good("database", format!("{shown}; the running hub says that it answers"));
        }
        Running::Yes { ready: false, .. } => {
            return Check::wrong(
                "database",
                format!("{shown}; the running hub says that it does not answer"),
                "look into the hub's log, and at disk and folder above",
            );
        }
        Running::No { .. } => {}
    }
    let Some(file) = chosen.file() else { return server(&chosen).await };
    if !file.exists() {
        return Check::doubtful("database", "none yet", "start `hub serve`, which makes it");
    }
    match lacking(file).await {
        Ok(0) => Check::good("database", format!("{shown} opens, its schema is this program's")),
        Ok(steps) => Check::doubtful(
            "database",
            format!("{shown} opens; its schema lacks {steps} steps"),
            "the next start brings them; back the folder up before",
        ),
        Err(error) => {
            let failure = Failure::from(error);
            let mend = match failure.code.as_str() {
                "newer_schema" => "start a newer version of the program",
                _ => "bring the file back from a backup if it is damaged",
            };
            Check::wrong("database", format!("{shown}: {}", failure.message), mend)
        }
    }
}

/// A database of a PostgreSQL server.
async fn server(database: &Database) -> Check {
    match database.open().await {
        Ok(Some(executor)) => {
            executor.shutdown().await;
            Check::good("database", format!("{} lets us in", database.shown()))
        }
        Ok(None) => Check::good("database", database.shown()),
        Err(error) => Check::failed("database", &Failure::from(error)),
    }
}

async fn lacking(file: &Path) -> hub_core::Result<usize> {
    let executor = SqliteExecutor::open_existing(file).await?;
    let lacking = migrate::lacking(&executor, migrate::SQLITE).await;
    executor.shutdown().await;
    lacking
}
