//! The mark of an unfinished copy. It stands among the steps of the schema, which every hub reads before
//! anything else: one of this version says what it is, and an older one finds a step too many.

use super::source::Fingerprint;
use super::tables::NUMBERED;
use crate::clock::Timestamp;
use crate::store::{Call, Dialect, Executor, Intent, Reach, Statement, declare, migrate};
use crate::{Error, Result};

/// The number under which the mark stands; steps are counted from 1.
pub(crate) const VERSION: i64 = 0;

declare! {
    MARK = "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (0, 'copy', $1, $2)";
    UNMARK = "DELETE FROM schema_migrations WHERE version = 0";
}

pub(crate) fn unfinished() -> Error {
    Error::conflict(
        "unfinished_copy",
        "this database holds a copy that has not ended: give the same `hub copy` again, which goes on where it \
         stopped",
    )
}

/// Readies the destination: of this program's schema, and empty or with an unfinished copy of the same
/// source. Answers whether a copy goes on.
pub(super) async fn begin(to: &dyn Executor, source: &Fingerprint, now: Timestamp) -> Result<bool> {
    let steps = to.dialect().migrations();
    let (applied, mark) = state(to).await?;
    if let Some(mark) = mark {
        if mark != source.0 {
            return Err(Error::conflict(
                "other_copy",
                "the destination holds an unfinished copy of another source, or its source has changed since: \
                 empty the destination and begin anew",
            ));
        }
        if applied != steps.len() {
            return Err(Error::conflict(
                "older_copy",
                "the destination holds an unfinished copy of an older program: empty it and begin anew",
            ));
        }
        return Ok(true);
    }
    migrate::migrate(to, steps, now).await?;
    if !is_empty(to).await? {
        return Err(Error::conflict(
            "destination_in_use",
            "the destination holds data already: name an empty one; whether it is the same as the source, \
             `hub copy --verify` tells",
        ));
    }
    let mut tx = to.begin(Intent::Migrate, &Reach::nobody()).await?;
    tx.script(to.dialect().begin_migration()).await?;
    tx.commit_with(vec![Call::Statement(MARK, vec![source.0.into(), now.into()])]).await?;
    Ok(false)
}

/// How many steps a database has, and the mark. It changes nothing.
pub(super) async fn state(executor: &dyn Executor) -> Result<(usize, Option<Vec<u8>>)> {
    let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await?;
    tx.script(executor.dialect().begin_migration()).await?;
    let state = migrate::applied(tx.as_mut(), executor.dialect().migrations()).await;
    tx.rollback().await?;
    state
}

/// Whether there is no agent and no log.
async fn is_empty(executor: &dyn Executor) -> Result<bool> {
    let dialect = executor.dialect();
    let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await?;
    let agents = tx.query(&dialect.log_agents(), vec![]).await?;
    let heads = tx.query(&dialect.log_heads(), vec![]).await?;
    let entries = tx.query(&dialect.log_entries(), vec![i64::MIN.into(), 1.into()]).await?;
    tx.rollback().await?;
    Ok(agents.is_empty() && heads.is_empty() && entries.is_empty())
}

/// Ends the copy: numbers go on behind the highest of each numbered column, and hubs may start.
pub(super) async fn end(to: &dyn Executor, highest: [i64; NUMBERED.len()]) -> Result<()> {
    let mut tx = to.begin(Intent::Migrate, &Reach::nobody()).await?;
    for ((table, column), highest) in NUMBERED.into_iter().zip(highest).filter(|(_, highest)| *highest > 0) {
        if let Some(statement) = go_on_behind(to.dialect(), table, column) {
            tx.query(&statement, vec![highest.into()]).await?;
        }
    }
    tx.commit_with(vec![Call::Statement(UNMARK, vec![])]).await
}

/// Makes a numbered column go on behind `$1`. SQLite does so by itself.
#[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "only PostgreSQL needs it"))]
fn go_on_behind(dialect: Dialect, table: &str, column: &str) -> Option<Statement> {
    match dialect {
        Dialect::Sqlite => None,
        #[cfg(feature = "postgres")]
        Dialect::Postgres => {
            let sql =
                format!("SELECT setval(CAST(pg_get_serial_sequence('{table}', '{column}') AS regclass), $1)");
            Some(Statement { sql: crate::store::Sql::Assembled(sql.into()) })
        }
    }
}
