//! PostgreSQL keeps the contract of the store, each rule on a database of its own.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod everything;
mod postgres;

use hub_core::store::PostgresExecutor;
use hub_core::store::migrate::POSTGRES;
use hub_core::testkit::conformance::Database;
use std::sync::Arc;

async fn on_a_server() -> Option<Database> {
    let fresh = postgres::Fresh::make().await?;
    let executor = PostgresExecutor::open(&fresh.url()).await.unwrap();
    Some(Database::new(Arc::new(executor), POSTGRES, fresh))
}

hub_core::store_conformance!(rules, on_a_server);
