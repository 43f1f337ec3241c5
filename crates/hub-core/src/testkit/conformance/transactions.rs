//! Transactions: all or nothing, seen when committed, one writer after another.

use super::{Database, INSERT, count, insert};
use crate::store::{Intent, Reach, Statement};

/// What was committed is there; what was rolled back is not.
pub async fn a_commit_is_seen_and_a_rollback_is_not(database: Database) {
    let database = database.with_table().await;
    let mut tx = database.begin(Intent::Write).await;
    insert(tx.as_mut(), 1).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = database.begin(Intent::Write).await;
    insert(tx.as_mut(), 2).await.unwrap();
    assert_eq!(count(tx.as_mut()).await, 2);
    tx.rollback().await.unwrap();
    assert_eq!(database.count().await, 1);
}

/// Dropping a transaction undoes it and leaves the database free for the next writer.
pub async fn a_dropped_transaction_is_rolled_back(database: Database) {
    let database = database.with_table().await;
    let mut tx = database.begin(Intent::Write).await;
    insert(tx.as_mut(), 1).await.unwrap();
    drop(tx);
    let mut tx = database.begin(Intent::Write).await;
    assert_eq!(count(tx.as_mut()).await, 0);
    insert(tx.as_mut(), 2).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(database.count().await, 1);
}

/// A reader beside a writer sees nothing of it before its commit.
pub async fn readers_do_not_see_what_is_not_committed(database: Database) {
    let database = database.with_table().await;
    let mut tx = database.begin(Intent::Write).await;
    insert(tx.as_mut(), 1).await.unwrap();
    assert_eq!(database.count().await, 0);
    tx.commit().await.unwrap();
    assert_eq!(database.count().await, 1);
}

/// A transaction that reads sees one state from its first look to its end.
pub async fn a_reader_keeps_the_state_that_it_began_with(database: Database) {
    let database = database.with_table().await;
    let mut reader = database.begin(Intent::Read).await;
    assert_eq!(count(reader.as_mut()).await, 0);
    let mut tx = database.begin(Intent::Write).await;
    insert(tx.as_mut(), 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(reader.as_mut()).await, 0);
    reader.rollback().await.unwrap();
    assert_eq!(database.count().await, 1);
}

/// Writers at the same time lose nothing of each other's.
pub async fn writers_take_turns(database: Database) {
    const ADD: Statement = Statement::new("UPDATE t SET i = i + $1 WHERE id = 1");
    const SUM: Statement = Statement::new("SELECT i FROM t WHERE id = 1");
    let database = database.with_table().await;
    let mut tx = database.begin(Intent::Write).await;
    tx.query(&INSERT, vec![1.into(), 100.into()]).await.unwrap();
    tx.commit().await.unwrap();
    let writers = (0..20).map(|number| {
        let database = &database;
        async move {
            let mut tx = database.begin(Intent::Write).await;
            tx.query(&ADD, vec![1.into()]).await.unwrap();
            if number % 4 == 0 { tx.rollback().await.unwrap() } else { tx.commit().await.unwrap() }
        }
    });
    futures_util::future::join_all(writers).await;
    let mut tx = database.begin(Intent::Read).await;
    assert_eq!(super::one(tx.as_mut(), &SUM, vec![]).await.take::<i64>(0).unwrap(), 115);
}

/// What stands behind a savepoint is undone alone, more than once in a transaction.
pub async fn a_savepoint_undoes_its_part_alone(database: Database) {
    const SAVE: Statement = Statement::new("SAVEPOINT operation");
    const UNDO: Statement = Statement::new("ROLLBACK TO SAVEPOINT operation");
    const RELEASE: Statement = Statement::new("RELEASE SAVEPOINT operation");
    let database = database.with_table().await;
    let mut tx = database.begin(Intent::Write).await;
    for id in 1..=6 {
        tx.query(&SAVE, vec![]).await.unwrap();
        insert(tx.as_mut(), id).await.unwrap();
        if id % 2 == 0 {
            tx.query(&UNDO, vec![]).await.unwrap();
        }
        tx.query(&RELEASE, vec![]).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(database.count().await, 3);
}

/// Once it is shut down, a database begins nothing, and says that it is not available.
pub async fn nothing_begins_after_shutdown(database: Database) {
    let database = database.with_table().await;
    database.executor.shutdown().await;
    for intent in [Intent::Read, Intent::Write] {
        let error = database.executor.begin(intent, &Reach::nobody()).await.err().unwrap();
        assert_eq!((error.code(), error.is_retryable()), ("store_unavailable", true));
    }
}
