//! A program that is killed in the middle of a migration, and started again.

use crate::{dump, fixture, opened};
use hub_core::clock::Timestamp;
use hub_core::store::migrate::{Migration, SQLITE, migrate};
use hub_core::store::{Executor, SqliteExecutor};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where the child finds its database.
const DATABASE: &str = "HUB_TEST_UPGRADE_OF";
/// Pages that do not fit into memory and go to the write-ahead log, then work that does not end soon.
const SQLITE_SLOW: &str = "CREATE TABLE ballast (b BLOB); \
    INSERT INTO ballast WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) \
    SELECT randomblob(1000) FROM n; \
    CREATE TABLE slow AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000000) \
    SELECT max(i) AS i FROM n;";
/// The server ends a statement that it has begun, though nobody waits for it any more.
#[cfg(feature = "postgres")]
const POSTGRES_SLOW: &str = "SELECT pg_sleep(4);";

/// The version from which the newest step starts, and the steps with a newest one that takes long.
fn slowly(steps: &'static [Migration], slow: &str) -> (i64, Vec<Migration>) {
    let (last, before) = steps.split_last().unwrap();
    let sql: &'static str = Box::leak(format!("{}\n{slow}", last.sql).into_boxed_str());
    let mut slowly = before.to_vec();
    slowly.push(Migration { sql, ..*last });
    (last.version - 1, slowly)
}

/// Runs a test of this program as a child.
#[allow(clippy::disallowed_methods, reason = "the child is told in its environment, and is this program")]
fn child(test: &str, database: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored"]).env(DATABASE, database);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[allow(clippy::disallowed_methods, reason = "the parent tells it")]
fn database() -> String {
    std::env::var(DATABASE).unwrap()
}

/// Waits until the child is in the middle of its work, and kills it.
#[allow(clippy::disallowed_methods, reason = "it waits for a condition, and looks again after a moment")]
async fn killed_when(mut child: Child, is_in_the_middle: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_in_the_middle().await {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        assert!(begun.elapsed() < Duration::from_secs(30), "it did not come to the middle within 30 s");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
}

#[tokio::test]
#[ignore = "no check by itself: `a_killed_migration_of_sqlite_is_done_at_the_next_start` starts it as a process and kills it"]
async fn migrate_sqlite_slowly() {
    let executor = SqliteExecutor::open(Path::new(&database())).await.unwrap();
    migrate(&executor, &slowly(SQLITE, SQLITE_SLOW).1, Timestamp(1)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_migration_of_sqlite_is_done_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let (file, log) = (folder.path().join("hub.db"), folder.path().join("hub.db-wal"));
    let (before, _) = slowly(SQLITE, SQLITE_SLOW);
    let (sql, told) = fixture::read("sqlite", before).unwrap();
    let executor = SqliteExecutor::open(&file).await.unwrap();
    dump::load(&executor, &sql).await;
    executor.shutdown().await;
    for _ in 0..2 {
        let child = child("killed::migrate_sqlite_slowly", file.to_str().unwrap());
        killed_when(child, async || std::fs::metadata(&log).is_ok_and(|log| log.len() > 4_000_000)).await;
    }
    opened::keeps(folder.path(), async || None, &told).await;
    let executor = SqliteExecutor::open_existing(&file).await.unwrap();
    assert!(!dump::of(&executor).await.contains("ballast"), "nothing is left of what was killed");
}

#[cfg(feature = "postgres")]
#[tokio::test]
#[ignore = "no check by itself: `a_killed_migration_of_postgresql_is_done_at_the_next_start` starts it as a process and kills it"]
async fn migrate_postgresql_slowly() {
    use hub_core::store::PostgresExecutor;
    use hub_core::store::migrate::POSTGRES;
    let executor = PostgresExecutor::open(&database()).await.unwrap();
    migrate(&executor, &slowly(POSTGRES, POSTGRES_SLOW).1, Timestamp(1)).await.unwrap();
}

/// From the version before the newest, or from nothing where there is none.
#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_migration_of_postgresql_is_done_at_the_next_start() {
    use hub_core::store::PostgresExecutor;
    use hub_core::store::migrate::POSTGRES;
    use sqlx::Connection as _;
    use std::sync::Arc;
    let Some(fresh) = crate::fresh::Fresh::make().await else { return };
    let (before, _) = slowly(POSTGRES, POSTGRES_SLOW);
    let fixture = fixture::read("postgres", before);
    if let Some((sql, _)) = &fixture {
        opened::load_postgres(&fresh.url(), sql.clone()).await;
    }
    let asleep = async || {
        let mut connection = sqlx::postgres::PgConnection::connect(&fresh.url()).await.unwrap();
        let asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
        let asleep = sqlx::query_scalar::<_, i64>(asked).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        asleep == 1
    };
    killed_when(child("killed::migrate_postgresql_slowly", &fresh.url()), asleep).await;
    let folder = tempfile::tempdir().unwrap();
    let open = async || {
        let executor = PostgresExecutor::open(&fresh.url()).await.unwrap();
        Some(Arc::new(executor) as Arc<dyn Executor>)
    };
    let told = fixture.map_or_else(|| serde_json::json!({}), |(_, told)| told);
    opened::keeps(folder.path(), open, &told).await;
}
