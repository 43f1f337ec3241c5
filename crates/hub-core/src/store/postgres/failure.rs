//! What PostgreSQL's error codes ask the caller to do
//! (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).

use crate::Error;

pub(super) fn failure(cause: sqlx::Error, doing: &str) -> Error {
    let code = code(&cause);
    tracing::debug!(error = %cause, doing, code, "the database failed");
    let unavailable = "the database is not available";
    match code.as_deref() {
        Some("53100") => {
            Error::unavailable("disk_full", "the disk that holds the data is full").because(cause)
        }
        Some("25006") => {
            Error::unavailable("store_read_only", "the database cannot be written to").because(cause)
        }
        Some("53300") => {
            let message = "the server has no connection left for the hub";
            Error::unavailable("store_connections", message).because(cause)
        }
        Some("3D000") => {
            Error::unavailable("store_missing", "the server has no such database").because(cause)
        }
        Some("28000" | "28P01") => {
            Error::unavailable("store_login", "the database does not let the hub in").because(cause)
        }
        Some(_) if is_poolers(&cause) => {
            let message =
                "a pooler stands between the hub and the server, and refuses what the hub asks of a session";
            Error::unavailable("store_pooler", message).because(cause)
        }
        Some(code) if collides(code) => {
            let message = "another transaction stood in the way of this one, which was undone";
            Error::unavailable("transaction_conflict", message).because(cause)
        }
        Some(code) if passes(code) => Error::unavailable("store_unavailable", unavailable).because(cause),
        Some(_) => Error::internal(cause),
        None if is_of_tls(&cause) => {
            let message = "the server cannot be trusted, or does not speak TLS as it should";
            Error::unavailable("store_tls", message).because(cause)
        }
        None => match cause {
            // What ends in the middle of its first words is not understood, rather than gone.
            sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::BeginFailed
            | sqlx::Error::WorkerCrashed => {
                Error::unavailable("store_unavailable", unavailable).because(cause)
            }
            cause => Error::internal(cause),
        },
    }
}

/// As [`failure`], of a migration, which only the owner may run.
pub(super) fn failure_of_migration(cause: sqlx::Error) -> Error {
    if code(&cause).as_deref() == Some("42501") {
        let message = "the user of the database may not do that; name its owner in HUB_DATABASE_ADMIN_URL";
        return Error::denied("database_rights_missing", message).because(cause);
    }
    failure(cause, "run a migration")
}

/// A certificate that is not believed comes as bytes that make no sense.
fn is_of_tls(cause: &sqlx::Error) -> bool {
    match cause {
        sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(cause) => cause.kind() == std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

/// Whether a pooler says so: the server knows every parameter that the hub begins with, and
/// transactions of more than one statement.
fn is_poolers(cause: &sqlx::Error) -> bool {
    let said = cause.as_database_error().map(|error| error.message()).unwrap_or_default();
    said.contains("unsupported startup parameter") || said.contains("statement pooling mode")
}

/// Whether the connection had died before anything was asked on it.
pub(super) fn is_stale(cause: &sqlx::Error) -> bool {
    matches!(cause, sqlx::Error::Io(_))
        || code(cause).is_some_and(|code| matches!(code.as_str(), "57P01" | "57P02" | "57P05" | "25P03"))
}

fn code(cause: &sqlx::Error) -> Option<String> {
    cause.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned())
}

/// Whether the server has undone the transaction because of another one: it could not be put in an
/// order with it, or each waited for the other.
fn collides(code: &str) -> bool {
    matches!(code, "40001" | "40P01")
}

/// Whether the same may succeed at another time, with the same database or once it was mended: lost
/// connections (08), no room or no place (53), stopped from outside (57), broken disks (58), who may
/// come in (28), a database that is not there (3D), and locks that were waited for in vain.
fn passes(code: &str) -> bool {
    let class = code.get(..2).unwrap_or_default();
    matches!(class, "08" | "28" | "3D" | "53" | "57" | "58") || matches!(code, "55P03" | "25P03" | "25P04")
}

#[cfg(test)]
mod tests {
    use super::{collides, passes};

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        for code in ["08006", "57P01", "57P03", "57014", "53300", "55P03", "28P01", "3D000"] {
            assert!(passes(code) && !collides(code), "{code}");
        }
        for code in ["40001", "40P01"] {
            assert!(collides(code), "{code}");
        }
        for code in ["23505", "23503", "23514", "23502", "42804", "42601", "22021", "25P02", "40002", ""] {
            assert!(!passes(code) && !collides(code), "{code}");
        }
    }
}
