//! Every executor keeps the contract of the store.
#![allow(clippy::unwrap_used)]

use hub_core::store::SqliteExecutor;
use hub_core::store::migrate::SQLITE;
use hub_core::testkit::conformance::Database;
use std::sync::Arc;

async fn in_a_file() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let executor = SqliteExecutor::open(&folder.path().join("hub.db")).await.unwrap();
    Database::new(Arc::new(executor), SQLITE, folder)
}

hub_core::store_conformance!(sqlite, in_a_file);
