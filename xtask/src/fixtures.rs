//! `cargo xtask fixtures`: a database of the present schema, of each kind, for the tests of upgrades.
//!
//! To be run once, when a version of the schema is complete, and committed: a later program must open what
//! this one leaves. A fixture that is there is not written again.

use crate::command::Run;
use crate::error::Result;
use crate::services::postgres::{Major, Postgres};
use crate::workspace::Workspace;

/// Makes those of both databases.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let postgres = Postgres::find(workspace, Major::Sixteen)?;
    postgres.install()?;
    let ran = postgres.running()?.is_some();
    let url = postgres.start()?;
    let made = make(workspace, &postgres, &url);
    if !ran {
        postgres.stop()?;
    }
    made
}

fn make(workspace: &Workspace, postgres: &Postgres, url: &str) -> Result<()> {
    let test = ["test", "-p", "hub-core", "--features", "postgres,testkit", "--test", "upgrade"];
    Run::cargo(&test)
        .arguments(["--", "--ignored", "fixture::make_"])
        .folder(&workspace.root)
        .env("HUB_TEST_POSTGRES_URL", url)
        .env("HUB_TEST_PG_DUMP", postgres.program("pg_dump")?)
        .show()
}
