//! What a server says of itself and of one of its databases.

use crate::clock::Timestamp;
use crate::store::migrate::POSTGRES;
use crate::store::postgres::failure::failure;
use crate::store::postgres::wall;
use crate::store::reach::Reach;
use crate::{Error, Result};
use sqlx::postgres::{PgConnection, PgRow, Postgres};
use sqlx::{AssertSqlSafe, Connection as _, Decode, Executor as _, Row as _, Type};

/// By the simple protocol, which everything between the hub and the server understands.
const SERVER: &str = "SELECT current_setting('server_version_num')::int4 AS version, \
     current_setting('server_encoding') AS encoding, \
     pg_is_in_recovery() AS replica, \
     current_setting('default_transaction_read_only') = 'on' AS read_only, \
     current_setting('max_connections')::int4 AS most, \
     current_setting('superuser_reserved_connections')::int4 \
       + coalesce(current_setting('reserved_connections', true)::int4, 0) AS reserved, \
     (SELECT coalesce(sum(numbackends), 0)::int4 FROM pg_stat_database) AS used, \
     CASE WHEN r.rolsuper OR r.rolconnlimit < 0 THEN NULL ELSE r.rolconnlimit END AS role_most, \
     CASE WHEN r.rolsuper OR d.datconnlimit < 0 THEN NULL ELSE d.datconnlimit END AS database_most, \
     current_setting('fsync') = 'on' AS fsync, \
     current_setting('full_page_writes') = 'on' AS full_page_writes, \
     current_setting('synchronous_commit') AS synchronous_commit, \
     (extract(epoch FROM clock_timestamp()) * 1000000)::int8 AS micros, \
     (SELECT count(*) > 0 FROM pg_available_extensions WHERE name = 'vector') AS vector, \
     r.rolname::text AS role, d.datname::text AS database \
     FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()";

/// Tables that are not an extension's, in the schema where the hub's are or would be; whether the
/// table of migrations is a hub's; and who may make tables there.
const TABLES: &str = "SELECT current_schema()::text AS schema, \
     coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create, \
     current_user::text AS role, \
     (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) \
       OR EXISTS (SELECT 1 FROM pg_roles WHERE rolname = left(current_database(), 48) || '_hub') AS may_make_roles, \
     (SELECT count(*) = 4 FROM pg_attribute a WHERE a.attrelid = to_regclass('schema_migrations') \
       AND a.attnum > 0 AND NOT a.attisdropped AND (a.attname, format_type(a.atttypid, NULL)) IN \
       (('version', 'bigint'), ('name', 'text'), ('checksum', 'bytea'), ('applied_at', 'bigint'))) AS ours, \
     coalesce(has_table_privilege(to_regclass('schema_migrations'), 'SELECT'), false) AS may_read, \
     (SELECT string_agg(t.name, ', ') FROM (SELECT c.relname::text AS name FROM pg_class c \
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace = current_schema()::regnamespace \
       AND NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid \
       AND x.deptype = 'e') ORDER BY c.relname LIMIT 4) AS t) AS tables";

const WALL_KNOWN: &str = "SELECT coalesce(has_function_privilege(to_regprocedure('hub_wall_lacks(name)'), 'EXECUTE'), false) \
     AS known";

const WALL_LACKS: &str = "SELECT hub_wall_lacks(CAST($1 AS NAME))";

const APPLIED: &str = "SELECT coalesce(max(version), 0)::int8 AS version FROM schema_migrations";

/// What the server is and how it is set.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) version: i32,
    pub(super) encoding: String,
    pub(super) replica: bool,
    pub(super) read_only: bool,
    pub(super) most: i32,
    pub(super) reserved: i32,
    pub(super) used: i32,
    pub(super) role_most: Option<i32>,
    pub(super) database_most: Option<i32>,
    pub(super) fsync: bool,
    pub(super) full_page_writes: bool,
    pub(super) synchronous_commit: String,
    pub(super) vector: bool,
    pub(super) role: String,
    pub(super) database: String,
    /// The server's clock less the hub's, in microseconds.
    pub(super) ahead_micros: i64,
    pub(super) schema: Schema,
    pub(super) wall: Wall,
}

/// What is in the schema that a hub would use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schema {
    /// Its name; `None` when the role may use none of those on its search path.
    pub(super) name: Option<String>,
    pub(super) may_create: bool,
    /// Who would make the tables.
    pub(super) role: String,
    /// Whether the hub's own role is there, or can be made.
    pub(super) may_make_roles: bool,
    pub(super) state: State,
}

/// How the wall between agents stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wall {
    /// There is no schema for it yet, or none that this login may look into.
    Unbuilt,
    Stands,
    /// What is not there that lies outside the schema.
    Lacks(String),
    /// What it does not stop.
    Hole(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Empty,
    /// A hub's, with so many steps applied.
    Ours(usize),
    /// A hub's, and this role may not read how far it is: the one that migrates may.
    Closed,
    /// Somebody else's, and some names of what is there.
    Foreign(String),
}

impl State {
    /// Steps that a hub of this version lacks; `None` where that is not known.
    pub(super) fn lacking(&self) -> Option<usize> {
        match self {
            Self::Empty => Some(POSTGRES.len()),
            Self::Ours(applied) => Some(POSTGRES.len().saturating_sub(*applied)),
            Self::Closed | Self::Foreign(_) => None,
        }
    }
}

/// Asks for all of it.
pub(super) async fn read(
    connection: &mut PgConnection,
    login: &str,
    now: impl Fn() -> Timestamp,
) -> Result<Facts> {
    let before = now();
    let row = one(connection, SERVER).await?;
    let after = now();
    // The server looked at its clock somewhere in between.
    let middle = before.0 + (after.0 - before.0) / 2;
    Ok(Facts {
        version: get(&row, "version")?,
        encoding: get(&row, "encoding")?,
        replica: get(&row, "replica")?,
        read_only: get(&row, "read_only")?,
        most: get(&row, "most")?,
        reserved: get(&row, "reserved")?,
        used: get(&row, "used")?,
        role_most: get(&row, "role_most")?,
        database_most: get(&row, "database_most")?,
        fsync: get(&row, "fsync")?,
        full_page_writes: get(&row, "full_page_writes")?,
        synchronous_commit: get(&row, "synchronous_commit")?,
        vector: get(&row, "vector")?,
        role: get(&row, "role")?,
        database: get(&row, "database")?,
        ahead_micros: get::<i64>(&row, "micros")?.saturating_sub(middle),
        schema: read_schema(connection).await?,
        wall: read_wall(connection, login).await?,
    })
}

/// Asks how the wall stands for this login.
async fn read_wall(connection: &mut PgConnection, login: &str) -> Result<Wall> {
    if !get::<bool>(&one(connection, WALL_KNOWN).await?, "known")? {
        return Ok(Wall::Unbuilt);
    }
    let looking = |cause| failure(cause, "look at the wall");
    let lacks: Option<String> =
        sqlx::query_scalar(WALL_LACKS).bind(login).fetch_one(&mut *connection).await.map_err(looking)?;
    if let Some(lacks) = lacks {
        return Ok(Wall::Lacks(lacks));
    }
    let role = wall::role(connection).await?;
    let mut transaction = connection.begin().await.map_err(looking)?;
    let step_down = wall::step_down(&role, &Reach::nobody());
    transaction.execute(sqlx::raw_sql(AssertSqlSafe(step_down))).await.map_err(looking)?;
    let row = transaction.fetch_optional(sqlx::raw_sql(wall::STANDS)).await.map_err(looking)?;
    transaction.rollback().await.map_err(looking)?;
    let Some(row) = row else { return Ok(Wall::Lacks(format!("the role {role}"))) };
    let at = |column| row.try_get(column).map_err(Error::internal);
    let (bypasses, across) = (at(1)?, at(2)?);
    let current: String = row.try_get(0).map_err(Error::internal)?;
    let open: Option<String> = row.try_get(3).map_err(Error::internal)?;
    Ok(wall::hole(&role, &current, bypasses || across, open).map_or(Wall::Stands, Wall::Hole))
}

/// Asks for what is in the schema.
pub(super) async fn read_schema(connection: &mut PgConnection) -> Result<Schema> {
    let row = one(connection, TABLES).await?;
    let (name, may_create) = (get(&row, "schema")?, get(&row, "may_create")?);
    let (ours, may_read): (bool, bool) = (get(&row, "ours")?, get(&row, "may_read")?);
    let tables: Option<String> = get(&row, "tables")?;
    let state = match tables {
        _ if ours && may_read => {
            let applied: i64 = one(connection, APPLIED).await?.try_get("version").map_err(Error::internal)?;
            State::Ours(usize::try_from(applied).unwrap_or(0))
        }
        _ if ours => State::Closed,
        Some(tables) => State::Foreign(tables),
        None => State::Empty,
    };
    let (role, may_make_roles) = (get(&row, "role")?, get(&row, "may_make_roles")?);
    Ok(Schema { name, may_create, role, may_make_roles, state })
}

async fn one(connection: &mut PgConnection, sql: &'static str) -> Result<PgRow> {
    connection.fetch_one(sqlx::raw_sql(sql)).await.map_err(|cause| failure(cause, "look at the database"))
}

fn get<'r, T: Decode<'r, Postgres> + Type<Postgres>>(row: &'r PgRow, column: &str) -> Result<T> {
    row.try_get(column).map_err(Error::internal)
}
