//! Brings a database to the schema of this program, under a lock, one transaction a step.

use super::executor::{Executor, Intent, Transaction};
use super::reach::Reach;
use super::statement::Statement;
use crate::clock::Timestamp;
use crate::{Error, Result};
use sha2::{Digest as _, Sha256};

/// One step.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Number of the schema after this step, counted from 1 without gaps.
    pub version: i64,
    /// What it brings.
    pub name: &'static str,
    /// Its SQL.
    pub sql: &'static str,
}

/// The steps for SQLite, in their order.
pub const SQLITE: &[Migration] = &[
    Migration { version: 1, name: "hub", sql: include_str!("../../migrations/sqlite/0001_hub.sql") },
    Migration {
        version: 2,
        name: "append_order",
        sql: include_str!("../../migrations/sqlite/0002_append_order.sql"),
    },
    Migration { version: 3, name: "wall", sql: include_str!("../../migrations/sqlite/0003_wall.sql") },
    Migration {
        version: 4,
        name: "artifacts",
        sql: include_str!("../../migrations/sqlite/0004_artifacts.sql"),
    },
    Migration {
        version: 5,
        name: "planner_usage",
        sql: include_str!("../../migrations/sqlite/0005_planner_usage.sql"),
    },
    Migration { version: 6, name: "traces", sql: include_str!("../../migrations/sqlite/0006_traces.sql") },
];

/// The steps for PostgreSQL, in their order: the same numbers, with the same meaning.
#[cfg(feature = "postgres")]
pub const POSTGRES: &[Migration] = &[
    Migration { version: 1, name: "hub", sql: include_str!("../../migrations/postgres/0001_hub.sql") },
    Migration {
        version: 2,
        name: "append_order",
        sql: include_str!("../../migrations/postgres/0002_append_order.sql"),
    },
    Migration { version: 3, name: "wall", sql: include_str!("../../migrations/postgres/0003_wall.sql") },
    Migration {
        version: 4,
        name: "artifacts",
        sql: include_str!("../../migrations/postgres/0004_artifacts.sql"),
    },
    Migration {
        version: 5,
        name: "planner_usage",
        sql: include_str!("../../migrations/postgres/0005_planner_usage.sql"),
    },
    Migration { version: 6, name: "traces", sql: include_str!("../../migrations/postgres/0006_traces.sql") },
];

const APPLIED: Statement =
    Statement::new("SELECT version, name, checksum FROM schema_migrations ORDER BY version");
const APPLY: Statement = Statement::new(
    "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
);

/// Applies what is missing. The transaction that looks is the one that applies, so two programs
/// that start at once do not both apply a step.
///
/// # Errors
/// `conflict` with `newer_schema` when the database is newer than the program, with
/// `changed_migration` when an applied step is not the one this program carries, with
/// `unfinished_copy` when a copy into it has not ended.
pub async fn migrate(executor: &dyn Executor, steps: &[Migration], now: Timestamp) -> Result<()> {
    let mut transaction = executor.begin(Intent::Migrate, &Reach::nobody()).await?;
    transaction.script(executor.dialect().begin_migration()).await?;
    let applied = check(transaction.as_mut(), steps).await?;
    for step in steps.iter().skip(applied) {
        tracing::info!(version = step.version, name = step.name, "applying a migration");
        transaction.script(step.sql).await?;
        let checksum = checksum(step.sql);
        transaction
            .query(&APPLY, vec![step.version.into(), step.name.into(), checksum.into(), now.into()])
            .await?;
    }
    executor.secure(transaction.as_mut()).await?;
    transaction.commit().await
}

/// How many steps a database lacks. It changes nothing; a database without a schema lacks all.
///
/// # Errors
/// As [`migrate`]; `unavailable` when the database cannot be read.
pub async fn lacking(executor: &dyn Executor, steps: &[Migration]) -> Result<usize> {
    let mut transaction = executor.begin(Intent::Migrate, &Reach::nobody()).await?;
    transaction.script(executor.dialect().begin_migration()).await?;
    let applied = check(transaction.as_mut(), steps).await;
    transaction.rollback().await?;
    Ok(steps.len().saturating_sub(applied?))
}

async fn check(transaction: &mut dyn Transaction, steps: &[Migration]) -> Result<usize> {
    let (applied, mark) = applied(transaction, steps).await?;
    match mark {
        None => Ok(applied),
        Some(_) => Err(crate::copy::mark::unfinished()),
    }
}

/// How many of these steps a database has, and the mark of a copy into it that has not ended.
pub(crate) async fn applied(
    transaction: &mut dyn Transaction,
    steps: &[Migration],
) -> Result<(usize, Option<Vec<u8>>)> {
    let (mut found, mut mark) = (Vec::new(), None);
    for mut row in transaction.query(&APPLIED, vec![]).await? {
        let (version, name, checksum): (i64, String, Vec<u8>) = (row.take(0)?, row.take(1)?, row.take(2)?);
        if version == crate::copy::mark::VERSION {
            mark = Some(checksum);
        } else {
            found.push((version, name, checksum));
        }
    }
    let applied = found.len();
    if applied > steps.len() {
        return Err(Error::conflict(
            "newer_schema",
            format!(
                "the database has schema {applied}, this program knows {}: start a newer program, or restore a \
                 backup made before the upgrade",
                steps.len()
            ),
        ));
    }
    for ((version, name, found), step) in found.into_iter().zip(steps) {
        if version != step.version || found != checksum(step.sql) {
            return Err(Error::conflict(
                "changed_migration",
                format!(
                    "migration {version} ({name}) of the database is not the one that this program carries"
                ),
            ));
        }
    }
    Ok((applied, mark))
}

fn checksum(sql: &str) -> Vec<u8> {
    Sha256::digest(sql.as_bytes()).to_vec()
}
