//! Who works on a database: any number of hubs, or somebody who has it alone, such as a copy.
//!
//! Each connection of a hub holds a lock of the session together with those of all hubs, from its first
//! use until it is closed. So whoever takes the same lock alone knows that no hub is at work, whatever
//! user it has, and that none will be before he is done.

use super::failure::failure;
use super::{answered, opening};
use crate::clock::{Clock as _, SystemClock};
use crate::{Error, Result};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use std::time::Duration;

/// Holds the lock with others: `(1752523363, 1)` is "huba" and the first of its kind.
const SHARE: &str = "SELECT pg_try_advisory_lock_shared(1752523363, 1)";
const TAKE: &str = "SELECT pg_try_advisory_lock(1752523363, 1)";
/// Sessions that hold it with others, beside the one that asks.
pub(crate) const SHARED: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
    AND classid = 1752523363 AND objid = 1 AND objsubid = 2 AND mode = 'ShareLock' AND pid <> pg_backend_pid()";

/// The server notices only after a moment that a program was killed, be it this one: how often, and how
/// many times, the lock is asked for.
const AGAIN: Duration = Duration::from_millis(100);
const TIMES: u32 = 30;

/// Marks a connection as one of a hub.
pub(super) async fn share(connection: &mut PgConnection) -> Result<()> {
    if got(connection, SHARE).await? {
        return Ok(());
    }
    let message = "the database is being copied: the hub goes on when `hub copy` has ended";
    Err(Error::unavailable("being_copied", message).mend("wait until `hub copy` has ended, and try again"))
}

/// Keeps every hub away until the connection is closed.
pub(super) async fn take(options: &PgConnectOptions) -> Result<PgConnection> {
    let connect = options.connect();
    let mut connection = answered(super::KEEPING.patience, connect).await.map_err(opening)?;
    for _ in 1..TIMES {
        if got(&mut connection, TAKE).await? {
            return Ok(connection);
        }
        SystemClock.sleep(AGAIN).await;
    }
    Err(in_use("the database is in use: a hub works on it, or another copy; stop it first"))
}

pub(crate) fn in_use(message: impl Into<String>) -> Error {
    Error::conflict("database_in_use", message)
}

async fn got(connection: &mut PgConnection, question: &'static str) -> Result<bool> {
    let asked = sqlx::query_scalar(question).fetch_one(connection);
    answered(super::KEEPING.patience, asked).await.map_err(|cause| failure(cause, "ask for the lock of hubs"))
}
