//! Whether a PostgreSQL database can carry a hub: looked at when it is opened, and by whoever asks.
//!
//! | Module | Contents |
//! |---|---|
//! | `facts` | what the server says of itself: one statement |
//! | `judge` | what follows from it (pure) |
//! | `pooler` | whether a connection is one session of the server |

mod facts;
mod judge;
mod pooler;

use super::KEEPING;
use super::address;
use super::failure::failure;
use crate::clock::{Clock as _, SystemClock, Timestamp};
use crate::{Error, Result};
use futures_util::future::{Either, select};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::pin::pin;
use std::time::Duration;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a server that is not there yet is left alone before it is asked again.
const AGAIN: Duration = Duration::from_millis(100);

/// What a check means for the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// All is well.
    Good,
    /// Worth knowing, and no fault.
    Note,
    /// To be mended; the hub starts, and warns.
    Wrong,
    /// The hub does not start.
    Fatal,
}

/// One thing that was looked at.
#[derive(Debug, Clone)]
pub struct PostgresCheck {
    /// What was looked at.
    pub name: &'static str,
    /// What it means.
    pub severity: Severity,
    /// What was found, in a sentence.
    pub found: String,
    /// The error with which a hub does not start, or of which it warns; it knows how to mend it.
    pub problem: Option<Error>,
}

impl PostgresCheck {
    fn good(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, severity: Severity::Good, found: found.into(), problem: None }
    }

    fn problem(name: &'static str, severity: Severity, problem: Error, mend: impl Into<String>) -> Self {
        let found = problem.to_string();
        Self { name, severity, found, problem: Some(problem.mend(mend)) }
    }

    fn fatal(name: &'static str, problem: Error, mend: impl Into<String>) -> Self {
        Self::problem(name, Severity::Fatal, problem, mend)
    }

    /// How to mend it; `None` when all is well.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.problem.as_ref().and_then(Error::remedy)
    }

    /// The stable code of what was found; `None` when all is well.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        self.problem.as_ref().map(Error::code)
    }
}

/// Looks at a database, changes nothing in it, and says of each thing how it is and how to mend it.
///
/// It takes two connections, and at most 10 seconds. `admin_url` names the same database as the role
/// that migrates, where that is another one. `now` is what the hub's clock says when it is called.
pub async fn check_postgres(url: &str, admin_url: Option<&str>, now: Timestamp) -> Vec<PostgresCheck> {
    let begun = SystemClock.now();
    let looked = async {
        let admin = admin_url.map(address::options).transpose().map_err(connect_check)?;
        let work = address::options(url).map_err(connect_check)?;
        look(&work, admin.as_ref(), || now.after(SystemClock.now().since(begun))).await
    };
    match within(looked).await {
        Some(Ok(checks)) => checks,
        Some(Err(check)) => vec![*check],
        None => vec![*connect_check(slow())],
    }
}

/// Refuses a database that cannot carry a hub; what is only to be mended goes into the log.
pub(super) async fn demand(work: &PgConnectOptions, admin: Option<&PgConnectOptions>) -> Result<()> {
    let begun = SystemClock.now();
    let checks = loop {
        match within(look(work, admin, || SystemClock.now())).await {
            Some(Ok(checks)) => break checks,
            // Both may be starting at this moment, as after a power failure.
            Some(Err(check)) if is_away(&check) && SystemClock.now().since(begun) < KEEPING.patience => {
                SystemClock.sleep(AGAIN).await;
            }
            Some(Err(check)) => break vec![*check],
            None => break vec![*connect_check(slow())],
        }
    };
    // The wall may be built when the hub starts, which looks at it then.
    for check in checks.into_iter().filter(|check| check.name != judge::WALL) {
        match (check.severity, check.problem) {
            (Severity::Fatal, Some(problem)) => return Err(problem),
            (Severity::Wrong, Some(problem)) => {
                let mend = problem.remedy().unwrap_or_default();
                tracing::warn!(
                    code = problem.code(),
                    mend,
                    "the database puts what is stored at risk: {problem}"
                );
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether the server may only be on its way.
fn is_away(check: &PostgresCheck) -> bool {
    check.code() == Some("store_unavailable")
}

/// What it comes to, unless that takes too long.
async fn within<T>(looking: impl Future<Output = T>) -> Option<T> {
    match select(pin!(looking), SystemClock.sleep(PATIENCE)).await {
        Either::Left((looked, _)) => Some(looked),
        Either::Right(_) => None,
    }
}

/// The checks, or the one that keeps the others from being made.
async fn look(
    work: &PgConnectOptions,
    admin: Option<&PgConnectOptions>,
    now: impl Fn() -> Timestamp,
) -> Result<Vec<PostgresCheck>, Box<PostgresCheck>> {
    let mut checks = vec![PostgresCheck::good("connection", "the server lets the hub in")];
    checks.push(pooler::check(work).await?);
    let mut connection = connect(work).await?;
    let seen = facts::read(&mut connection, work.get_username(), &now).await.map_err(connect_check);
    let _closed = connection.close().await;
    let mut seen = seen?;
    if let Some(admin) = admin {
        let mut connection = connect(admin).await?;
        let schema = facts::read_schema(&mut connection).await.map_err(connect_check);
        let _closed = connection.close().await;
        seen.schema = schema?;
    }
    checks.extend(judge::judge(&seen));
    Ok(checks)
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, Box<PostgresCheck>> {
    let connected = options.clone().application_name("hub").disable_statement_logging().connect().await;
    connected.map_err(|cause| refused(cause, "look at the database"))
}

/// Why a connection was not given. A right that is lacking then is that of coming in.
fn refused(cause: sqlx::Error, doing: &str) -> Box<PostgresCheck> {
    let lacks = cause.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "42501");
    connect_check(match failure(cause, doing) {
        problem if lacks => {
            Error::unavailable("store_login", "the database does not let the hub in").because(problem)
        }
        problem => problem,
    })
}

/// Why nobody gets to the database.
fn connect_check(problem: Error) -> Box<PostgresCheck> {
    let mend = match problem.code() {
        "malformed_database_url" => "the URL has the form postgres://user:password@host:port/database",
        "store_login" => {
            "correct user and password in the URL, let the user connect (GRANT CONNECT ON DATABASE …), and look at pg_hba.conf"
        }
        "store_missing" => {
            "make the database (createdb --encoding=UTF8 --template=template0 NAME), or correct its name in the URL"
        }
        "store_connections" => {
            "stop what holds connections, raise max_connections or the CONNECTION LIMIT of role and database"
        }
        "store_pooler" => "name the server's own port in the URL, not the pooler's",
        "store_tls" => {
            "look at sslmode and sslrootcert in the URL: the root must be the one that signed the server's certificate"
        }
        _ => {
            "start the server, and look at host, port and network, and whether the file of sslrootcert is there"
        }
    };
    Box::new(PostgresCheck::fatal("connection", problem, mend))
}

fn slow() -> Error {
    Error::unavailable(
        "store_unavailable",
        format!("the database does not answer within {} s", PATIENCE.as_secs()),
    )
}
