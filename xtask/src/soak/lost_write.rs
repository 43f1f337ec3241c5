//! The fault run of both databases, for as long as one likes, and several hubs on one PostgreSQL.

use super::Store;
use crate::command::Run;
use crate::error::{Error, Result};
use crate::services::ForTests;
use crate::steps::Ending;
use crate::workspace::Workspace;

const PACKAGE: &str = "hub-server";
const TEST: &str = "lost_write";
const ON_SQLITE: &str = "nothing_is_lost_on_sqlite_by_a_new_seed";
const ON_POSTGRES: &str = "nothing_is_lost_on_postgresql_by_a_new_seed";
/// Seconds of one run; the next one has the next seed.
const RUN_SECONDS: u64 = 30;
/// Hubs of the run with several.
const HUBS: &str = "3";

/// Runs of half a minute, one seed after the other, half of the minutes on each database or all of
/// them on one.
pub(crate) fn run(
    workspace: &Workspace,
    minutes: u64,
    seed: Option<u64>,
    store: Option<Store>,
) -> Result<()> {
    let both = store.is_none();
    let minutes = if both { minutes.div_ceil(2) } else { minutes };
    with_services(workspace, store != Some(Store::Sqlite), |services| {
        for (name, test) in [(Store::Sqlite, ON_SQLITE), (Store::Postgres, ON_POSTGRES)] {
            if store.is_none_or(|only| only == name) {
                let run = test_run(workspace, services, test, seed)
                    .env("HUB_LOST_WRITE_SECONDS", RUN_SECONDS.to_string())
                    .env("HUB_LOST_WRITE_MINUTES", minutes.to_string());
                run.show()?;
            }
        }
        Ok(())
    })
}

/// One long run of three hubs on one PostgreSQL, of which one after the other is killed.
pub(crate) fn hubs(workspace: &Workspace, minutes: u64, seed: Option<u64>) -> Result<()> {
    with_services(workspace, true, |services| {
        let seconds = (minutes * 60).to_string();
        let run = test_run(workspace, services, ON_POSTGRES, seed).env("HUB_LOST_WRITE_SECONDS", seconds);
        run.env("HUB_LOST_WRITE_HUBS", HUBS).env("HUB_LOST_WRITE_FAULTS", "kills").show()
    })
}

fn test_run(workspace: &Workspace, services: &ForTests, test: &str, seed: Option<u64>) -> Run {
    let arguments = ["test", "--locked", "--package", PACKAGE, "--test", TEST, "--", "--exact"];
    let run = Run::cargo(&arguments).arguments([test, "--nocapture"]).folder(&workspace.root);
    let run = services.tell(run);
    match seed {
        Some(seed) => run.env("HUB_LOST_WRITE_SEED", seed.to_string()),
        None => run,
    }
}

/// With PostgreSQL, where it is wanted; what was started for it is stopped.
fn with_services(
    workspace: &Workspace,
    postgres: bool,
    task: impl FnOnce(&ForTests) -> Result<()>,
) -> Result<()> {
    if !workspace.package(PACKAGE)?.has_target("test", TEST) {
        return Err(Error::Usage(format!("{PACKAGE} has no test `{TEST}`")));
    }
    let mut services = ForTests::default();
    if postgres && let Ending::Skipped(why) = services.start(workspace)? {
        return Err(Error::Usage(why));
    }
    let outcome = task(&services);
    services.stop()?;
    outcome
}
