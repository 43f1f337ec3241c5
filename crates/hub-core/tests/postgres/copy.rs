//! Everything moves from SQLite to PostgreSQL and back, and is the same.

use super::Fresh;
use crate::everything;
use hub_core::clock::{Clock as _, SystemClock, Timestamp};
use hub_core::copy::{Options, compare, copy, tables};
use hub_core::hub::WorkerRole;
use hub_core::hub::actions::NewAction;
use hub_core::store::migrate::{POSTGRES, migrate};
use hub_core::store::{Executor, Intent, PostgresExecutor, Reach, Sql, SqliteExecutor, Statement};
use hub_core::testkit::{FailingExecutor, Fault, Step};
use hub_core::vocabulary::{ErrorKind, Role};
use hub_core::{Context, HubBuilder};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const NOW: Timestamp = Timestamp(1_790_000_000_000_000);

async fn lived(folder: &Path, rows: usize) -> SqliteExecutor {
    everything::live(folder, async || None, rows).await;
    let from = SqliteExecutor::open(&folder.join("hub.db")).await.unwrap();
    everything::be_killed(&from).await;
    from
}

async fn strings(executor: &dyn Executor, sql: String) -> Vec<String> {
    let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    let rows = tx.query(&Statement { sql: Sql::Assembled(sql.into()) }, vec![]).await.unwrap();
    tx.rollback().await.unwrap();
    rows.into_iter().map(|mut row| row.take(0).unwrap()).collect()
}

#[tokio::test]
async fn every_table_and_column_is_copied() {
    let Some(fresh) = Fresh::make().await else { return };
    let database = PostgresExecutor::open(&fresh.url()).await.unwrap();
    migrate(&database, POSTGRES, NOW).await.unwrap();
    for table in tables() {
        let sql = format!(
            "SELECT CAST(column_name AS text) FROM information_schema.columns WHERE table_schema = 'public' \
             AND table_name = '{}' AND column_name <> 'rowid'",
            table.name
        );
        let there: BTreeSet<String> = strings(&database, sql).await.into_iter().collect();
        assert_eq!(there, table.columns.iter().map(|name| (*name).to_owned()).collect(), "{}", table.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lived_with_hub_goes_to_postgresql_and_back() {
    let Some(fresh) = Fresh::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let from = lived(folder.path(), 700).await;
    let there = PostgresExecutor::open(&fresh.url()).await.unwrap();
    let copied = copy(&from, &there, &SystemClock, Options::default()).await.unwrap();
    assert!(copied.comparison.holds(), "{:#?}", copied.comparison);
    there.shutdown().await;

    let there = PostgresExecutor::open(&fresh.url()).await.unwrap();
    let back = SqliteExecutor::open(&folder.path().join("back.db")).await.unwrap();
    let copied = copy(&there, &back, &SystemClock, Options::default()).await.unwrap();
    assert!(copied.comparison.holds(), "{:#?}", copied.comparison);
    let compared = compare(&from, &back, &SystemClock, Options::default()).await.unwrap();
    assert!(compared.holds(), "{compared:#?}");
    assert_eq!(compared.rows(), copied.written);
    there.shutdown().await;
    goes_on(folder.path(), &fresh).await;
}

/// A hub on the copy does what was left to do, and numbers what is new behind what was copied.
async fn goes_on(folder: &Path, fresh: &Fresh) {
    let executor = Arc::new(PostgresExecutor::open(&fresh.url()).await.unwrap());
    let settled = "SELECT CAST(max(job_id) AS text) FROM queue";
    let highest: i64 = strings(executor.as_ref(), settled.to_owned()).await[0].parse().unwrap();
    let hub = HubBuilder::in_folder(&folder.join("beside"))
        .executor(executor)
        .workers(vec![])
        .open()
        .await
        .unwrap();
    let agents = hub.agents().list(&Context::admin(), Default::default()).await.unwrap().items;
    let office = agents.iter().find(|agent| agent.name == "office").unwrap().agent_id;
    let person =
        hub.people().list(&Context::admin(), office, Default::default()).await.unwrap().items.remove(0);
    let space =
        hub.spaces().list(&Context::admin(), office, Default::default()).await.unwrap().items.remove(0);
    let owner = Context::operator(office, person.person_id, Role::Owner);
    let new = NewAction {
        action_id: None,
        space_id: space.space_id,
        tool: "memory.note".to_owned(),
        arguments: serde_json::json!({ "text": "It works" }),
        reason: None,
    };
    let action = hub.actions().propose(&owner, office, new).await.unwrap();
    hub.actions().approve(&owner, action.action_id, action.binding_digest).await.unwrap();
    let workers = hub.start_workers(WorkerRole::ALL.to_vec());
    hub.drained(office).await.unwrap();
    workers.shutdown().await;
    assert!(hub.audit().verify(&Context::admin()).await.unwrap().holds());
    hub.shutdown().await;
    let executor = PostgresExecutor::open(&fresh.url()).await.unwrap();
    let next = "SELECT CAST(nextval(CAST(pg_get_serial_sequence('queue', 'job_id') AS regclass)) AS text)";
    let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    let mut rows = tx.query(&Statement::new(next), vec![]).await.unwrap();
    let next: i64 = rows[0].take::<String>(0).unwrap().parse().unwrap();
    assert!(next > highest, "{next} is behind {highest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_copy_to_postgresql_goes_on() {
    let Some(fresh) = Fresh::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let from = lived(folder.path(), 1_200).await;
    for (commit, fault) in [(4, Fault::Fail), (30, Fault::Lose)] {
        let to = FailingExecutor::over(Arc::new(PostgresExecutor::open(&fresh.url()).await.unwrap()));
        to.at(Step::Commit, commit, fault);
        let error = copy(&from, &to, &SystemClock, Options::default()).await.unwrap_err();
        assert_eq!(error.code(), "store_unavailable");
        to.shutdown().await;
        let to = PostgresExecutor::open(&fresh.url()).await.unwrap();
        let refused = HubBuilder::in_folder(&folder.path().join("beside")).executor(Arc::new(to));
        assert_eq!(refused.open().await.unwrap_err().code(), "unfinished_copy");
    }
    let to = PostgresExecutor::open(&fresh.url()).await.unwrap();
    let copied = copy(&from, &to, &SystemClock, Options::default()).await.unwrap();
    assert!(copied.comparison.holds() && copied.found > 500, "{copied:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_use_is_not_copied() {
    let Some(fresh) = Fresh::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let executor = PostgresExecutor::open(&fresh.url()).await.unwrap();
    let hub = HubBuilder::in_folder(&folder.path().join("beside"))
        .executor(Arc::new(executor))
        .open()
        .await
        .unwrap();
    let file = SqliteExecutor::open(&folder.path().join("hub.db")).await.unwrap();
    for reverse in [false, true] {
        let other = PostgresExecutor::open(&fresh.url()).await.unwrap();
        let (from, to): (&dyn Executor, &dyn Executor) =
            if reverse { (&file, &other) } else { (&other, &file) };
        assert_eq!(
            copy(from, to, &SystemClock, Options::default()).await.unwrap_err().code(),
            "database_in_use"
        );
        other.shutdown().await;
    }
    hub.shutdown().await;
}

/// Whoever has the database alone keeps every hub away, and gets it only when none works on it: one of the
/// owner's, and one with a user of its own, of whose sessions the owner is told little.
#[tokio::test(flavor = "multi_thread")]
async fn no_hub_starts_on_a_database_that_is_copied_and_none_is_copied_that_a_hub_works_on() {
    let Some(fresh) = Fresh::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let (owner, login) = (fresh.url(), fresh.login().await);
    let admin = Some(owner.as_str());
    for (url, admin) in [(&owner, None), (&login, admin)] {
        let executor = PostgresExecutor::open_with(url, admin).await.unwrap();
        let hub = HubBuilder::in_folder(&folder.path().join("beside")).executor(Arc::new(executor));
        let hub = hub.workers(vec![]).open().await.unwrap();
        let refused = PostgresExecutor::open_alone(&owner).await.unwrap_err();
        assert_eq!(refused.code(), "database_in_use");
        hub.shutdown().await;

        let alone = PostgresExecutor::open_alone(&owner).await.unwrap();
        let mut tx = alone.begin(Intent::Read, &Reach::nobody()).await.unwrap();
        let late = PostgresExecutor::open_with(url, admin).await.unwrap_err();
        assert_eq!((late.code(), late.kind()), ("being_copied", ErrorKind::Unavailable));
        tx.query(&Statement::new("SELECT 1"), vec![]).await.unwrap();
        tx.rollback().await.unwrap();
        alone.shutdown().await;
    }
}

/// A hub that lost its connections while the database was away finds it taken when it comes back, and goes
/// on afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_was_cut_off_does_not_come_back_into_a_copy() {
    let Some(fresh) = Fresh::make().await else { return };
    let hub = PostgresExecutor::open(&fresh.url()).await.unwrap();
    let begin = async || -> hub_core::Result<()> {
        hub.begin(Intent::Migrate, &Reach::nobody()).await?.rollback().await
    };
    begin().await.unwrap();
    fresh.end_connections().await;
    let alone = PostgresExecutor::open_alone(&fresh.url()).await.unwrap();
    assert_eq!(begin().await.unwrap_err().code(), "being_copied");
    alone.shutdown().await;
    let mut again = Err(hub_core::Error::unavailable("never", "asked"));
    for _ in 0..100 {
        // The server ends a session only after a moment.
        again = begin().await;
        if again.is_ok() {
            break;
        }
        SystemClock.sleep(Duration::from_millis(20)).await;
    }
    again.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_postgresql_does_not_keep_is_told_before_anything_is_written() {
    let Some(fresh) = Fresh::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let from = lived(folder.path(), 0).await;
    let mut tx = from.begin(Intent::Write, &Reach::nobody()).await.unwrap();
    let nul = "UPDATE memories SET content = 'a' || char(0) || 'b' WHERE content LIKE 'This%' OR content LIKE 'The bins%'";
    tx.query(&Statement::new(nul), vec![]).await.unwrap();
    tx.commit().await.unwrap();
    let to = PostgresExecutor::open(&fresh.url()).await.unwrap();
    let error = copy(&from, &to, &SystemClock, Options::default()).await.unwrap_err();
    assert_eq!(error.code(), "text_with_nul");
    assert!(error.to_string().contains("1 rows of memories"), "{error}");
    let tables = "SELECT CAST(tablename AS text) FROM pg_tables WHERE schemaname = 'public'";
    assert!(strings(&to, tables.to_owned()).await.is_empty());
}
