//! What a caller is told when the server goes away, or refuses, and that service resumes by itself.

use super::Fresh;
use hub_core::clock::Timestamp;
use hub_core::store::migrate::{POSTGRES, migrate};
use hub_core::store::{Executor as _, Intent, PostgresExecutor, Reach, Statement, Value};
use hub_core::vocabulary::ErrorKind;

const TABLE: &str = "CREATE TABLE t (id BIGINT PRIMARY KEY, words TEXT NOT NULL)";
const INSERT: Statement = Statement::new("INSERT INTO t (id, words) VALUES ($1, $2)");
const COUNT: Statement = Statement::new("SELECT count(*) FROM t");

async fn with_table() -> Option<(Fresh, PostgresExecutor)> {
    let fresh = Fresh::make().await?;
    let executor = PostgresExecutor::open(&fresh.url()).await.unwrap();
    let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    tx.script(TABLE).await.unwrap();
    tx.commit().await.unwrap();
    Some((fresh, executor))
}

async fn count(executor: &PostgresExecutor) -> i64 {
    let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    let count = tx.query(&COUNT, vec![]).await.unwrap()[0].take(0).unwrap();
    tx.rollback().await.unwrap();
    count
}

/// Connections that the server ended while they were idle cost nobody an answer; the transaction that
/// was under way is told to come again, and left nothing.
#[tokio::test]
async fn ended_connections_are_replaced_and_what_was_under_way_may_be_tried_again() {
    let Some((fresh, executor)) = with_table().await else { return };
    let nobody = Reach::nobody();
    let open = || executor.begin(Intent::Migrate, &nobody);
    let (idle, other) = futures_util::future::join(open(), open()).await;
    idle.unwrap().rollback().await.unwrap();
    other.unwrap().rollback().await.unwrap();
    let mut tx = open().await.unwrap();
    tx.query(&INSERT, vec![1.into(), "lost".into()]).await.unwrap();
    fresh.end_connections().await;
    let error = tx.query(&INSERT, vec![2.into(), "lost".into()]).await.unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("store_unavailable", true));
    drop(tx);
    for _ in 0..4 {
        assert_eq!(count(&executor).await, 0);
    }
}

/// PostgreSQL answers the commit of a transaction that had failed with success, and rolls back.
#[tokio::test]
async fn a_commit_after_a_failed_statement_is_no_success() {
    let Some((_fresh, executor)) = with_table().await else { return };
    let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    tx.query(&INSERT, vec![1.into(), "words".into()]).await.unwrap();
    assert!(tx.query(&INSERT, vec![2.into(), Value::Null]).await.is_err());
    assert_eq!(tx.commit().await.unwrap_err().kind(), ErrorKind::Internal);
    assert_eq!(count(&executor).await, 0);
}

/// Eight bytes of text are no integer, and one parameter too few is not absent.
#[tokio::test]
async fn values_of_another_type_or_number_are_refused_before_they_are_sent() {
    let Some((_fresh, executor)) = with_table().await else { return };
    for parameters in
        [vec!["12345678".into(), "words".into()], vec![Value::Int(1), Value::Int(1)], vec![1.into()]]
    {
        let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
        assert_eq!(tx.query(&INSERT, parameters).await.unwrap_err().kind(), ErrorKind::Internal);
    }
    assert_eq!(count(&executor).await, 0);
}

/// What reads cannot write, whoever asks it to.
#[tokio::test]
async fn a_transaction_that_reads_writes_nothing() {
    let Some((_fresh, executor)) = with_table().await else { return };
    migrate(&executor, POSTGRES, Timestamp(1)).await.unwrap();
    let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await.unwrap();
    let error = tx.query(&INSERT, vec![1.into(), "words".into()]).await.unwrap_err();
    assert_eq!((error.code(), error.kind()), ("store_read_only", ErrorKind::Unavailable));
}

/// A URL that is none, and a database that is not there, are said at once and without the password.
#[tokio::test]
async fn a_wrong_url_is_refused_and_never_told() {
    let Some(fresh) = Fresh::make().await else { return };
    let error = PostgresExecutor::open("not a url: hunter2").await.unwrap_err();
    assert_eq!((error.kind(), error.field_name()), (ErrorKind::Invalid, Some("database_url")));
    assert!(!format!("{error:?}").contains("hunter2"));
    let absent = fresh.url().replace("hub_test_", "hub_absent_");
    let error = PostgresExecutor::open(&absent).await.unwrap_err();
    assert_eq!(error.code(), "store_missing");
    let executor = PostgresExecutor::open(&fresh.url()).await.unwrap();
    assert!(!format!("{executor:?}").contains("127.0.0.1"));
}
