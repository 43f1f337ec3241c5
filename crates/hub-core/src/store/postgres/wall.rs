//! The second wall: each transaction works as a role that owns nothing and bypasses nothing, and sees
//! the rows of its agents alone. What it rests on is in `migrations/postgres/0003_wall.sql`.

use super::failure::failure;
use crate::store::executor::Transaction;
use crate::store::reach::Reach;
use crate::store::statement::Statement;
use crate::{Error, Result};
use hub_protocol::vocabulary::ErrorKind;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;

/// As `hub_role` in the database, which an empty one does not have yet.
const ROLE: &str = "SELECT left(current_database(), 48) || '_hub'";

const LACKS: Statement = Statement::new("SELECT hub_wall_lacks(CAST($1 AS NAME))");
const BUILD: Statement = Statement::new("SELECT CAST(hub_build_wall(CAST($1 AS NAME)) AS TEXT)");
// Without a schema there is no wall yet.
const KNOWN: Statement = Statement::new("SELECT to_regproc('hub_build_wall') IS NOT NULL");
pub(super) const STANDS: &str = "SELECT CAST(current_user AS TEXT), r.rolsuper OR r.rolbypassrls, \
              pg_has_role(current_user, hub_role_across(), 'MEMBER'), \
              (SELECT string_agg(CAST(c.relname AS TEXT), ', ') FROM pg_class c \
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'agent_id' AND NOT a.attisdropped \
               WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind = 'r' \
               AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR pg_has_role(current_user, c.relowner, 'MEMBER') \
                    OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'island'))) \
              FROM pg_roles r WHERE r.rolname = current_user";

/// The role to work as in this database.
pub(super) async fn role(connection: &mut PgConnection) -> Result<String> {
    let asked = sqlx::query(ROLE).fetch_one(connection).await;
    asked.and_then(|row| row.try_get(0)).map_err(|cause| failure(cause, "ask for the role"))
}

/// What makes the rest of a transaction run as this role, for these agents.
pub(super) fn step_down(role: &str, reach: &Reach) -> String {
    let agents: Vec<String> = reach.agents().map(|agent| format!(r#""\\x{}""#, agent.0.simple())).collect();
    format!(
        "SET LOCAL ROLE \"{}\"; SET LOCAL hub.agents TO '{{{}}}'",
        role.replace('"', "\"\""),
        agents.join(",")
    )
}

/// Why a transaction could not begin, if it is that the role is not there or may not be taken.
pub(super) fn missing_role(cause: &sqlx::Error, role: &str) -> Option<Error> {
    let code = cause.as_database_error().and_then(|error| error.code())?;
    // What begins a transaction sets nothing else that could be refused.
    matches!(code.as_ref(), "42501" | "22023").then(|| {
        let message = format!("the role {role}, as which the hub works, is not there, or not for this user");
        Error::denied("wall_missing", message).mend(
            "start `hub serve` once with the URL of the owner of the database, which builds the wall again",
        )
    })
}

/// Makes the roles and their rights, for whoever logs in, unless everything stands.
pub(super) async fn build(migration: &mut dyn Transaction, login: &str) -> Result<()> {
    if !flag(migration, &KNOWN).await? {
        return Ok(());
    }
    let lacks = migration.query(&LACKS, vec![login.into()]).await?;
    let lacks: Option<String> = lacks.into_iter().next().map_or(Ok(None), |mut row| row.take(0))?;
    let Some(lacks) = lacks else { return Ok(()) };
    tracing::info!(lacks, "building the wall between agents");
    match migration.query(&BUILD, vec![login.into()]).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::Unavailable => Err(error),
        Err(error) => Err(Error::denied(
            "wall_not_built",
            format!("the wall between agents lacks {lacks}, and this user may not build it"),
        )
        .mend(
            "name the owner of the database, who may make roles (CREATEROLE), in HUB_DATABASE_ADMIN_URL; where \
             somebody else made the roles <database>_hub and <database>_hub_across: GRANT both TO the owner WITH \
             ADMIN OPTION",
        )
        .because(error)),
    }
}

/// Refuses to work where statements would pass the wall, or where a part of it is missing.
pub(super) async fn check(transaction: &mut dyn Transaction, role: &str) -> Result<()> {
    let missing = |message: String| Error::denied("wall_missing", message);
    let row = transaction.query(&Statement::new(STANDS), vec![]).await?.into_iter().next();
    let mut row = row.ok_or_else(|| missing(format!("the role {role} is not there")))?;
    let (current, bypasses, across): (String, bool, bool) = (row.take(0)?, row.take(1)?, row.take(2)?);
    hole(role, &current, bypasses || across, row.take(3)?).map_or(Ok(()), |hole| Err(missing(hole)))
}

/// What the wall does not stop, of what `STANDS` answers: who works, whether that role bypasses it, and
/// before which tables it does not stand.
pub(super) fn hole(role: &str, current: &str, bypasses: bool, open: Option<String>) -> Option<String> {
    if current != role || bypasses {
        return Some(format!(
            "statements would run as {current}, which the wall between agents does not stop: take SUPERUSER, \
             BYPASSRLS and memberships from the role {role}"
        ));
    }
    open.map(|tables| format!("the wall between agents does not stand before {tables}"))
}

async fn flag(transaction: &mut dyn Transaction, question: &Statement) -> Result<bool> {
    transaction.query(question, vec![]).await?.into_iter().next().map_or(Ok(false), |mut row| row.take(0))
}
