//! Everything moves from one SQLite file to another: whole, also after an interruption, or not at all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod everything;

use hub_core::clock::{SystemClock, Timestamp};
use hub_core::copy::{Options, REBUILT, Stage, compare, copy, tables};
use hub_core::hub::WorkerRole;
use hub_core::store::migrate::{SQLITE, lacking, migrate};
use hub_core::store::{Executor, Intent, Reach, Sql, SqliteExecutor, Statement};
use hub_core::testkit::{FailingExecutor, Fault, Step};
use hub_core::{Context, HubBuilder};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

const NOW: Timestamp = Timestamp(1_790_000_000_000_000);

async fn sqlite(folder: &Path, name: &str) -> SqliteExecutor {
    SqliteExecutor::open(&folder.join(name)).await.unwrap()
}

/// A file that a hub lived on.
async fn lived(folder: &Path, rows: usize) -> SqliteExecutor {
    everything::live(folder, async || None, rows).await;
    let from = sqlite(folder, "hub.db").await;
    everything::be_killed(&from).await;
    from
}

async fn run(executor: &dyn Executor, sql: &'static str) {
    let mut tx = executor.begin(Intent::Write, &Reach::nobody()).await.unwrap();
    tx.query(&Statement::new(sql), vec![]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn strings(executor: &dyn Executor, sql: String) -> Vec<String> {
    let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await.unwrap();
    let rows = tx.query(&Statement { sql: Sql::Assembled(sql.into()) }, vec![]).await.unwrap();
    tx.rollback().await.unwrap();
    rows.into_iter().map(|mut row| row.take(0).unwrap()).collect()
}

#[tokio::test]
async fn every_table_and_column_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let database = sqlite(folder.path(), "hub.db").await;
    migrate(&database, SQLITE, NOW).await.unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
               AND name NOT LIKE 'memory_terms_%'";
    let there: BTreeSet<String> = strings(&database, sql.to_owned()).await.into_iter().collect();
    let known: BTreeSet<String> =
        tables().iter().map(|table| table.name).chain(REBUILT).map(str::to_owned).collect();
    assert_eq!(there, known);
    for table in tables() {
        let columns =
            strings(&database, format!("SELECT name FROM pragma_table_info('{}')", table.name)).await;
        assert_eq!(columns, table.columns, "{}", table.name);
        let letters = format!("SELECT lower(substr(type, 1, 1)) FROM pragma_table_info('{}')", table.name);
        assert_eq!(strings(&database, letters).await.concat(), table.types, "{}", table.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lived_with_hub_arrives_whole() {
    let folder = tempfile::tempdir().unwrap();
    let from = lived(folder.path(), 0).await;
    for table in tables() {
        let rows = strings(&from, format!("SELECT CAST(count(*) AS TEXT) FROM {}", table.name)).await;
        assert_ne!(rows, ["0"], "{} has a row", table.name);
    }
    let to = sqlite(folder.path(), "other.db").await;
    let copied = copy(&from, &to, &SystemClock, Options::default()).await.unwrap();
    assert!(copied.comparison.holds(), "{:#?}", copied.comparison);
    assert_eq!((copied.found, copied.written), (0, copied.comparison.rows()));
    assert!(copied.comparison.recall.iter().map(|recall| recall.asked).sum::<u64>() > 5);
    assert_eq!(copied.comparison.heads.len(), 3, "the log of an agent that is gone as well");
    let leased = "SELECT CAST(count(*) AS TEXT) FROM queue WHERE state = 'leased'";
    assert_eq!(strings(&from, leased.to_owned()).await, ["1"], "the source is only read");
    assert_eq!(strings(&to, leased.to_owned()).await, ["0"]);

    let again = copy(&from, &to, &SystemClock, Options::default()).await.unwrap_err();
    assert_eq!(again.code(), "destination_in_use");
    from.shutdown().await;
    to.shutdown().await;
    goes_on(folder.path()).await;
}

/// A hub on the copy does what was left to do.
async fn goes_on(folder: &Path) {
    let new = folder.join("new");
    std::fs::create_dir(&new).unwrap();
    std::fs::rename(folder.join("other.db"), new.join("hub.db")).unwrap();
    let hub = HubBuilder::in_folder(&new).workers(vec![WorkerRole::Index]).open().await.unwrap();
    for agent in hub.agents().list(&Context::admin(), Default::default()).await.unwrap().items {
        for _ in 0..1_000 {
            let status = hub.agents().status(&Context::admin(), agent.agent_id).await.unwrap();
            let depth = status.queues["index"];
            if depth.ready + depth.leased + depth.delayed == 0 {
                break;
            }
            #[allow(clippy::disallowed_methods, reason = "it waits for a condition, and looks again")]
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
    assert!(hub.audit().verify(&Context::admin()).await.unwrap().holds());
    hub.shutdown().await;
    let done = sqlite(&new, "hub.db").await;
    let waited = "SELECT content FROM memories WHERE content LIKE 'This one waits%' AND tier = 'episodic'";
    assert_eq!(strings(&done, waited.to_owned()).await, ["This one waits to be remembered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_copy_keeps_hubs_away_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let from = lived(folder.path(), 1_200).await;
    let file = folder.path().join("to").join("hub.db");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    let mut written = 0;
    for commit in [3, 9, 24] {
        let to = FailingExecutor::over(Arc::new(SqliteExecutor::open(&file).await.unwrap()));
        to.at(Step::Commit, commit, if commit % 2 == 0 { Fault::Lose } else { Fault::Fail });
        let error = copy(&from, &to, &SystemClock, Options::default()).await.unwrap_err();
        assert_eq!(error.code(), "store_unavailable");
        to.shutdown().await;

        let refused = HubBuilder::in_folder(file.parent().unwrap()).open().await.unwrap_err();
        assert_eq!(refused.code(), "unfinished_copy");
        let to = SqliteExecutor::open(&file).await.unwrap();
        assert_eq!(lacking(&to, SQLITE).await.unwrap_err().code(), "unfinished_copy");
        let other = sqlite(folder.path(), "third.db").await;
        migrate(&other, SQLITE, NOW).await.unwrap();
        assert_eq!(
            copy(&other, &to, &SystemClock, Options::default()).await.unwrap_err().code(),
            "other_copy"
        );
        assert_eq!(
            copy(&to, &other, &SystemClock, Options::default()).await.unwrap_err().code(),
            "unfinished_copy"
        );
        let now = strings(&to, "SELECT CAST(count(*) AS TEXT) FROM audit_entries".to_owned()).await;
        let now: u64 = now[0].parse().unwrap();
        assert!(now >= written, "what was there stays");
        written = now;
        to.shutdown().await;
    }
    let to = SqliteExecutor::open(&file).await.unwrap();
    let copied = copy(&from, &to, &SystemClock, Options::default()).await.unwrap();
    assert!(copied.comparison.holds(), "{:#?}", copied.comparison);
    assert!(copied.found > 500 && copied.written > 0, "{} {}", copied.found, copied.written);
    to.shutdown().await;
    let hub = HubBuilder::in_folder(file.parent().unwrap()).workers(vec![]).open().await.unwrap();
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_is_found_table_by_table() {
    let folder = tempfile::tempdir().unwrap();
    let from = lived(folder.path(), 0).await;
    let to = sqlite(folder.path(), "other.db").await;
    copy(&from, &to, &SystemClock, Options::default()).await.unwrap();
    let changes: [(&'static str, &'static str); 4] = [
        ("people", "UPDATE people SET name = 'Eve' WHERE name = 'Ben'"),
        ("memories", "UPDATE memories SET confidence = 0.5 WHERE confidence = 0.625"),
        ("memory_sources", "DELETE FROM memory_sources WHERE seq = (SELECT max(seq) FROM memory_sources)"),
        ("queue", "UPDATE queue SET attempts = attempts + 1"),
    ];
    for (_, sql) in changes {
        run(&to, sql).await;
    }
    let compared = compare(&from, &to, &SystemClock, Options::default()).await.unwrap();
    let differ: BTreeSet<&str> =
        compared.tables.iter().filter(|table| !table.same).map(|table| table.table).collect();
    assert_eq!(differ, changes.map(|(table, _)| table).into());
    assert!(!compared.holds() && compared.to_log.holds());

    // The index says nothing of a memory any more: only asking finds that.
    let to = sqlite(folder.path(), "deaf.db").await;
    copy(&from, &to, &SystemClock, Options::default()).await.unwrap();
    run(&to, "INSERT INTO memory_terms (memory_terms) VALUES ('delete-all')").await;
    let compared = compare(&from, &to, &SystemClock, Options::default()).await.unwrap();
    assert!(compared.tables.iter().all(|table| table.same));
    assert!(!compared.holds() && compared.recall.iter().any(|recall| recall.same < recall.asked));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_does_not_hold_is_not_moved() {
    let folder = tempfile::tempdir().unwrap();
    let from = lived(folder.path(), 0).await;
    run(
        &from,
        "UPDATE audit_entries SET entry = replace(entry, 'agent.created', 'agent.changed') WHERE seq = 1",
    )
    .await;
    let to = sqlite(folder.path(), "other.db").await;
    let error = copy(&from, &to, &SystemClock, Options::default()).await.unwrap_err();
    assert_eq!(error.code(), "broken_log");
    assert!(strings(&to, "SELECT name FROM sqlite_schema".to_owned()).await.is_empty());
}

#[tokio::test]
async fn an_older_schema_is_brought_up_to_date_first() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (sqlite(folder.path(), "old.db").await, sqlite(folder.path(), "new.db").await);
    migrate(&from, &SQLITE[..1], NOW).await.unwrap();
    assert_eq!(copy(&from, &to, &SystemClock, Options::default()).await.unwrap_err().code(), "older_schema");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_asks_the_same_and_progress_reaches_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let from = lived(folder.path(), 600).await;
    let to = sqlite(folder.path(), "other.db").await;
    let seen = Mutex::new(Vec::new());
    let watch = |progress| seen.lock().unwrap().push(progress);
    let options = Options { watch: &watch, ..Options::default() };
    copy(&from, &to, &SystemClock, options).await.unwrap();
    let seen = seen.into_inner().unwrap();
    for stage in [Stage::Copying, Stage::Comparing] {
        let last = seen.iter().rfind(|progress| progress.stage == stage).unwrap();
        assert_eq!(last.done, last.total, "{stage:?}");
    }
    let of = |seed| Options { seed, ..Options::default() };
    let one = compare(&from, &to, &SystemClock, of(3)).await.unwrap();
    assert_eq!(one, compare(&from, &to, &SystemClock, of(3)).await.unwrap());
}
