//! Bringing a database to the schema of the program.

use super::Database;
use crate::clock::Timestamp;
use crate::store::migrate::{Migration, lacking, migrate};
use crate::store::{Intent, Row, Statement};

const APPLIED: Statement =
    Statement::new("SELECT version, checksum, applied_at FROM schema_migrations ORDER BY version");
const EXTRA: &str = "CREATE TABLE extra (id INTEGER NOT NULL PRIMARY KEY)";

async fn applied(database: &Database) -> Vec<Row> {
    let mut tx = database.begin(Intent::Migrate).await;
    tx.query(&APPLIED, vec![]).await.unwrap()
}

fn one_more(database: &Database) -> Vec<Migration> {
    let mut steps = database.steps.to_vec();
    let version = i64::try_from(steps.len()).unwrap() + 1;
    steps.push(Migration { version, name: "extra", sql: EXTRA });
    steps
}

/// A database that is up to date is left as it is; a step that is new is applied alone.
pub async fn migrating_again_changes_nothing(database: Database) {
    migrate(database.executor.as_ref(), database.steps, Timestamp(1)).await.unwrap();
    let first = applied(&database).await;
    assert_eq!(first.len(), database.steps.len());
    migrate(database.executor.as_ref(), database.steps, Timestamp(2)).await.unwrap();
    assert_eq!(applied(&database).await, first);
    migrate(database.executor.as_ref(), &one_more(&database), Timestamp(3)).await.unwrap();
    let second = applied(&database).await;
    assert_eq!((second.len(), &second[..first.len()]), (first.len() + 1, &first[..]));
}

/// Two programs that start on an empty database at the same time both find it ready.
pub async fn programs_that_start_at_once_migrate_once(database: Database) {
    let start = || migrate(database.executor.as_ref(), database.steps, Timestamp(1));
    let (one, other) = futures_util::future::join(start(), start()).await;
    one.unwrap();
    other.unwrap();
    assert_eq!(applied(&database).await.len(), database.steps.len());
}

/// A program that is older than its database does not touch it.
pub async fn a_newer_schema_is_refused(database: Database) {
    migrate(database.executor.as_ref(), &one_more(&database), Timestamp(1)).await.unwrap();
    let before = applied(&database).await;
    for refused in [
        migrate(database.executor.as_ref(), database.steps, Timestamp(2)).await.unwrap_err(),
        lacking(database.executor.as_ref(), database.steps).await.unwrap_err(),
    ] {
        assert_eq!((refused.code(), refused.is_retryable()), ("newer_schema", false));
    }
    assert_eq!(applied(&database).await, before);
}

/// A step that was applied in another form stops the program, before any later step is applied.
pub async fn a_changed_migration_is_refused(database: Database) {
    migrate(database.executor.as_ref(), &one_more(&database), Timestamp(1)).await.unwrap();
    let before = applied(&database).await;
    let mut steps = one_more(&database);
    let last = steps.len() - 1;
    steps[last].sql = "CREATE TABLE extra (id INTEGER NOT NULL PRIMARY KEY, other INTEGER)";
    let version = steps[last].version + 1;
    steps.push(Migration {
        version,
        name: "later",
        sql: "CREATE TABLE later (id INTEGER NOT NULL PRIMARY KEY)",
    });
    let refused = migrate(database.executor.as_ref(), &steps, Timestamp(2)).await.unwrap_err();
    assert_eq!(refused.code(), "changed_migration");
    assert_eq!(applied(&database).await, before);
}

/// Asking how many steps a database lacks leaves even an empty one empty.
pub async fn looking_for_lacking_migrations_changes_nothing(database: Database) {
    let steps = one_more(&database);
    assert_eq!(lacking(database.executor.as_ref(), &steps).await.unwrap(), steps.len());
    let mut tx = database.begin(Intent::Migrate).await;
    assert!(tx.query(&APPLIED, vec![]).await.is_err(), "the look left a table behind");
    drop(tx);
    migrate(database.executor.as_ref(), database.steps, Timestamp(1)).await.unwrap();
    assert_eq!(lacking(database.executor.as_ref(), &steps).await.unwrap(), 1);
    migrate(database.executor.as_ref(), &steps, Timestamp(1)).await.unwrap();
    assert_eq!(lacking(database.executor.as_ref(), &steps).await.unwrap(), 0);
}
