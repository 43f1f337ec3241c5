//! The database: the one that belongs to the folder, openable, of a schema that this program knows.

use super::check::Check;
use super::network::Running;
use crate::cli::database::{self, Database, Named};
use crate::cli::exit::Failure;
use crate::cli::home::Home;
use hub_core::store::{Executor, SqliteExecutor, migrate};
use std::path::Path;

/// The database, and where it is a server's what that is like.
pub(super) async fn checks(home: &Home, named: &Named, running: &Running) -> Vec<Check> {
    let chosen = match database::choose(named, home) {
        Ok(chosen) => chosen,
        Err(failure) => return vec![Check::failed("database", &failure)],
    };
    #[cfg(feature = "postgres")]
    if let Database::Server { address, admin } = &chosen {
        return super::server::checks(address, admin.as_ref(), running).await;
    }
    vec![check(&chosen, running).await]
}

async fn check(chosen: &Database, running: &Running) -> Check {
    let shown = chosen.shown();
    if let Some(check) = of_running(&shown, running) {
        return check;
    }
    let Some(file) = chosen.file().filter(|file| file.exists()) else {
        return Check::doubtful("database", "none yet", "start `hub serve`, which makes it");
    };
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

/// What the hub that runs says of its database.
pub(super) fn of_running(shown: &str, running: &Running) -> Option<Check> {
    match running {
        Running::Yes { ready: true, .. } => {
            Some(Check::good("database", format!("{shown}; the running hub says that it answers")))
        }
        Running::Yes { ready: false, .. } => Some(Check::wrong(
            "database",
            format!("{shown}; the running hub says that it does not answer"),
            "look into the hub's log, and at the checks of disk, folder and database",
        )),
        Running::No { .. } => None,
    }
}

async fn lacking(file: &Path) -> hub_core::Result<usize> {
    let executor = SqliteExecutor::open_existing(file).await?;
    let lacking = migrate::lacking(&executor, migrate::SQLITE).await;
    executor.shutdown().await;
    lacking
}
