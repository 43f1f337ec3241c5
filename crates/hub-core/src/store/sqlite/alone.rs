//! Whether anybody else has a database file open.

use crate::{Error, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteLockingMode};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use std::path::Path;
use std::time::Duration;

/// Refuses a file that another connection has open, of this process or another one: whoever reads with
/// the locking mode EXCLUSIVE demands the file for himself
/// (<https://www.sqlite.org/pragma.html#pragma_locking_mode>). A file that is not there is nobody's.
///
/// # Errors
/// `conflict` with `database_in_use`; `unavailable` when the file cannot be opened or is no database.
pub async fn nobody_has_open(file: &Path) -> Result<()> {
    if !file.exists() {
        return Ok(());
    }
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        .locking_mode(SqliteLockingMode::Exclusive)
        .busy_timeout(Duration::ZERO)
        .disable_statement_logging();
    let looked = async {
        let mut connection = options.connect().await?;
        let looked = connection.execute("SELECT count(*) FROM sqlite_schema").await;
        connection.close().await?;
        looked
    };
    match looked.await {
        Ok(_) => Ok(()),
        Err(cause) if is_busy(&cause) => Err(Error::conflict(
            "database_in_use",
            format!("{} is in use by another process; stop that first", file.display()),
        )),
        Err(cause) => {
            let message = format!("{} cannot be opened, or is no database", file.display());
            Err(Error::unavailable("store_unavailable", message).because(cause))
        }
    }
}

fn is_busy(cause: &sqlx::Error) -> bool {
    let code = cause.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::clock::Timestamp;
    use crate::store::SqliteExecutor;
    use crate::store::executor::Executor as _;
    use crate::store::migrate::{SQLITE, migrate};

    #[tokio::test]
    async fn a_file_is_free_before_and_after_somebody_has_it_open() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hub.db");
        nobody_has_open(&file).await.unwrap();
        let executor = SqliteExecutor::open(&file).await.unwrap();
        migrate(&executor, SQLITE, Timestamp(1)).await.unwrap();
        for _ in 0..2 {
            assert_eq!(nobody_has_open(&file).await.unwrap_err().code(), "database_in_use");
        }
        executor.shutdown().await;
        for _ in 0..2 {
            nobody_has_open(&file).await.unwrap();
        }
        std::fs::write(&file, "no database, but words, and enough of them to be looked at").unwrap();
        assert_eq!(nobody_has_open(&file).await.unwrap_err().code(), "store_unavailable");
    }
}
