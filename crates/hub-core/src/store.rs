//! The store: SQL written once, run by one of several executors, written through group commit.

pub(crate) mod across;
mod catalogue;
pub(crate) mod commit;
mod connections;
pub mod dialect;
mod doors;
pub mod executor;
pub(crate) mod heads;
mod line;
pub mod migrate;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod reach;
mod sqlite;
mod statement;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
pub(crate) mod trial;
mod tx;
mod value;
mod writers;

pub use catalogue::statements;
pub use dialect::Dialect;
pub(crate) use doors::{Store, boxed};
pub use executor::{Call, Executor, Intent, Transaction};
#[cfg(feature = "postgres")]
pub use postgres::{PostgresAddress, PostgresCheck, PostgresExecutor, Severity, check_postgres};
pub use reach::Reach;
pub use sqlite::{SqliteExecutor, nobody_has_open};
pub(crate) use statement::declare;
pub use statement::{BulkInsert, JoinStatement, ListStatement, Lock, Sql, Statement};
pub(crate) use tx::{Pen, Sources, Tx};
pub use value::{FromValue, Row, Value};
