//! The fixtures: where they are, and how those of the present version are made.

use crate::{dump, everything};
use hub_core::store::SqliteExecutor;
use hub_core::store::migrate::{Migration, SQLITE};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The first version that there ever was of each database: PostgreSQL began with the second.
pub(crate) const SQLITE_FIRST: i64 = 1;
#[cfg(feature = "postgres")]
pub(crate) const POSTGRES_FIRST: i64 = 2;

fn path(kind: &str, version: i64, ending: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upgrade/fixtures");
    folder.join(format!("{kind}_{version:04}.{ending}"))
}

/// A database of a version as SQL, and what its hub said of itself; `None` where there is none.
pub(crate) fn read(kind: &str, version: i64) -> Option<(String, Value)> {
    let sql = std::fs::read_to_string(path(kind, version, "sql")).ok()?;
    let told = std::fs::read_to_string(path(kind, version, "json")).unwrap();
    Some((sql, serde_json::from_str(&told).unwrap()))
}

fn newest(steps: &[Migration]) -> i64 {
    steps.last().unwrap().version
}

/// Versions that have been, the present one left out: it has none before it is released.
pub(crate) fn earlier(steps: &[Migration], first: i64) -> Vec<i64> {
    (first..newest(steps)).collect()
}

#[test]
fn every_earlier_version_has_its_fixture() {
    for version in earlier(SQLITE, SQLITE_FIRST) {
        assert!(
            read("sqlite", version).is_some(),
            "`cargo xtask fixtures` was not run for version {version}"
        );
    }
    #[cfg(feature = "postgres")]
    for version in earlier(hub_core::store::migrate::POSTGRES, POSTGRES_FIRST) {
        assert!(
            read("postgres", version).is_some(),
            "`cargo xtask fixtures` was not run for version {version}"
        );
    }
}

/// Whether a fixture is there: what a version left cannot change any more.
fn is_there(kind: &str, version: i64) -> bool {
    path(kind, version, "sql").exists()
}

fn write(kind: &str, version: i64, sql: &str, told: &Value) {
    std::fs::write(path(kind, version, "sql"), sql).unwrap();
    std::fs::write(path(kind, version, "json"), serde_json::to_string_pretty(told).unwrap() + "\n").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "no check: it writes the fixture of a schema, and `cargo xtask fixtures` runs it once a schema is complete"]
async fn make_sqlite() {
    if is_there("sqlite", newest(SQLITE)) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    everything::live(folder.path(), async || None, 0).await;
    let executor = SqliteExecutor::open(&folder.path().join("hub.db")).await.unwrap();
    everything::be_killed(&executor).await;
    let told = everything::told_of(folder.path(), None).await;
    write("sqlite", newest(SQLITE), &dump::of(&executor).await, &told);
}

/// Dumps with the program that `HUB_TEST_PG_DUMP` names; what only `psql` understands is left out.
#[cfg(feature = "postgres")]
#[allow(clippy::disallowed_methods, reason = "the task tells it in the environment")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "no check: it writes the fixture of a schema, and `cargo xtask fixtures` runs it once a schema is complete"]
async fn make_postgres() {
    use hub_core::store::{Executor, PostgresExecutor};
    use std::sync::Arc;
    let version = newest(hub_core::store::migrate::POSTGRES);
    if is_there("postgres", version) {
        return;
    }
    let fresh = crate::fresh::Fresh::make().await.expect("a server is named");
    let folder = tempfile::tempdir().unwrap();
    let open = async || {
        let executor = PostgresExecutor::open(&fresh.url()).await.unwrap();
        Some(Arc::new(executor) as Arc<dyn Executor>)
    };
    everything::live(folder.path(), open, 0).await;
    let executor = open().await.unwrap();
    everything::be_killed(executor.as_ref()).await;
    executor.shutdown().await;
    let told = everything::told_of(folder.path(), open().await).await;
    let url = fresh.url();
    // The rest is for sqlx, which makes URLs of more than other programs know.
    let url = url.split('?').next().unwrap();
    let dump = std::process::Command::new(std::env::var("HUB_TEST_PG_DUMP").unwrap())
        .args(["--no-owner", "--no-acl", "--inserts", "--dbname", url])
        .output()
        .unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let text = String::from_utf8(dump.stdout).unwrap();
    // Roles belong to the server: the program makes them, and the rules that name them, at its first start.
    let left_out = ["\\", "--", "CREATE POLICY across "];
    let kept = |line: &&str| !line.is_empty() && !left_out.iter().any(|left| line.starts_with(left));
    let sql: String = text.lines().filter(kept).map(|line| format!("{line}\n")).collect();
    write("postgres", version, &sql, &told);
}
