//! Whether a connection is one session of the server, from its beginning to its end.
//!
//! The hub's limits of time, its prepared statements and what it sets for a transaction belong to a
//! session. A pooler that lends one session to several clients in turn, transaction by transaction,
//! takes them away or hands them to others. Two connections show it: what one sets for its session,
//! outside of a transaction, must stay with it and must not be met by the other while that holds a
//! session of its own.

use super::{PostgresCheck, connect_check, refused};
use crate::entropy::{Entropy as _, SystemEntropy};
use crate::store::postgres::failure::failure;
use crate::{Error, Result};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _};

/// A pooler with many sessions gives the same one back by chance; not this often.
const ROUNDS: usize = 4;
const SEEN: &str = "SELECT current_setting('hub.begun', true) AS begun, coalesce(current_setting('hub.set', true), '') AS put, \
     pg_backend_pid() AS process";

pub(super) async fn check(options: &PgConnectOptions) -> Result<PostgresCheck, Box<PostgresCheck>> {
    let (mut one, one_begun) = connect(options).await?;
    let (mut other, other_begun) = connect(options).await?;
    let found = compare(&mut one, &one_begun, &mut other, &other_begun).await;
    let (_closed, _too) = (one.close().await, other.close().await);
    match found {
        Ok(None) => Ok(PostgresCheck::good("sessions", "each connection is a session of its own")),
        Ok(Some(why)) => Err(connect_check(Error::unavailable(
            "store_pooler",
            format!("a pooler stands between the hub and the server, and {why}"),
        ))),
        Err(problem) => Err(connect_check(problem)),
    }
}

/// A connection that began with a word of its own.
async fn connect(options: &PgConnectOptions) -> Result<(PgConnection, String), Box<PostgresCheck>> {
    let word = word().map_err(connect_check)?;
    let options = options.clone().application_name("hub").disable_statement_logging();
    let connected = options.options([("hub.begun", &word)]).connect().await;
    let connection = connected.map_err(|cause| refused(cause, "open the database"))?;
    Ok((connection, word))
}

/// What a pooler does to the two, if there is one.
async fn compare(
    one: &mut PgConnection,
    one_begun: &str,
    other: &mut PgConnection,
    other_begun: &str,
) -> Result<Option<&'static str>> {
    let set = word()?;
    run(one, &format!("SELECT set_config('hub.set', '{set}', false)")).await?;
    let first = look(one).await?;
    for _ in 0..ROUNDS {
        // While this transaction is open, the session under it serves nobody else.
        run(other, "BEGIN READ ONLY").await?;
        let (mine, theirs) = (look(one).await?, look(other).await?);
        run(other, "ROLLBACK").await?;
        if mine.put != set
            || theirs.put == set
            || mine.process != first.process
            || theirs.process == mine.process
        {
            return Ok(Some("lends one session to several connections in turn"));
        }
        if mine.begun != one_begun || theirs.begun != other_begun {
            return Ok(Some("drops what a connection asks for when it begins"));
        }
    }
    Ok(None)
}

struct Seen {
    begun: String,
    put: String,
    process: i32,
}

async fn look(connection: &mut PgConnection) -> Result<Seen> {
    let looked = connection.fetch_one(sqlx::raw_sql(SEEN)).await;
    let row = looked.map_err(|cause| failure(cause, "look at a session"))?;
    let read = || -> Result<Seen, sqlx::Error> {
        let begun = row.try_get::<Option<String>, _>("begun")?.unwrap_or_default();
        Ok(Seen { begun, put: row.try_get("put")?, process: row.try_get("process")? })
    };
    read().map_err(Error::internal)
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<()> {
    let ran = connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await;
    ran.map(|_| ()).map_err(|cause| failure(cause, "look at a session"))
}

/// Hexadecimal digits that nobody else has.
fn word() -> Result<String> {
    let mut random = [0_u8; 12];
    SystemEntropy.fill(&mut random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}
