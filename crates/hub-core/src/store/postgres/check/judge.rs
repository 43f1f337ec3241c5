//! What follows from what a server says: pure.

use super::facts::{Facts, Schema, State, Wall};
use super::{PostgresCheck, Severity};
use crate::Error;
use crate::store::migrate::POSTGRES;
use crate::store::postgres::{KEEPING, KEEPING_OWNER};

/// The oldest version that the hub is tested with.
const OLDEST: i32 = 16;
/// The hub's clock and the server's may differ by this; beyond it somebody should look.
const APART_MICROS: u64 = 5_000_000;
/// Beyond this the hub does not start: leases, expiries and the order of talk would be wrong, and with
/// several hubs on one database each would have a time of its own.
const TOO_FAR_APART_MICROS: u64 = 300_000_000;

pub(super) fn judge(facts: &Facts) -> Vec<PostgresCheck> {
    vec![
        version(facts),
        encoding(facts),
        writable(facts),
        schema(&facts.schema),
        rights(facts),
        wall(facts),
        connections(facts),
        durability(facts),
        clock(facts),
        vector(facts),
    ]
}

fn version(facts: &Facts) -> PostgresCheck {
    let major = facts.version / 10_000;
    if major < OLDEST {
        let problem = Error::unavailable(
            "store_version",
            format!("the server is PostgreSQL {major}, and the hub needs {OLDEST} or later"),
        );
        return PostgresCheck::fatal(
            "version",
            problem,
            format!("upgrade the server to PostgreSQL {OLDEST} or later"),
        );
    }
    PostgresCheck::good("version", format!("PostgreSQL {major}"))
}

fn encoding(facts: &Facts) -> PostgresCheck {
    if facts.encoding == "UTF8" {
        return PostgresCheck::good("encoding", "UTF-8");
    }
    let problem = Error::unavailable(
        "store_encoding",
        format!("the database has the encoding {}, and the hub needs UTF8", facts.encoding),
    );
    let mend = "make another with: createdb --encoding=UTF8 --template=template0 NAME; an encoding cannot be changed";
    PostgresCheck::fatal("encoding", problem, mend)
}

fn writable(facts: &Facts) -> PostgresCheck {
    if facts.replica {
        let message = "the server is a replica, which can only be read";
        return PostgresCheck::fatal(
            "writable",
            Error::unavailable("store_read_only", message),
            "name the primary server in the URL, or promote this one",
        );
    }
    if facts.read_only {
        let message = "the database was set to be read only (default_transaction_read_only)";
        let mend = format!(
            "find out who set it and why (some hosts do when the disk is full), then: \
             ALTER DATABASE {} RESET default_transaction_read_only",
            facts.database
        );
        return PostgresCheck::fatal("writable", Error::unavailable("store_read_only", message), mend);
    }
    PostgresCheck::good("writable", "it can be written to")
}

fn schema(schema: &Schema) -> PostgresCheck {
    let known = POSTGRES.len();
    match &schema.state {
        State::Foreign(tables) => PostgresCheck::fatal(
            "schema",
            Error::conflict(
                "foreign_database",
                format!("the database is another program's: it holds {tables}, and nothing of a hub"),
            ),
            "make a database for the hub alone (createdb --encoding=UTF8 --template=template0 NAME) and name it in the URL",
        ),
        State::Ours(applied) if *applied > known => PostgresCheck::fatal(
            "schema",
            Error::conflict(
                "newer_schema",
                format!("the database has schema {applied}, and this program knows {known}"),
            ),
            "start a newer program, or restore a backup made before the upgrade",
        ),
        State::Closed => PostgresCheck::fatal(
            "schema",
            Error::unavailable(
                "store_rights",
                format!("the schema is a hub's, and the role {} was not let in yet", schema.role),
            ),
            "start the hub once with the owner of the database in HUB_DATABASE_ADMIN_URL, who lets the role in",
        ),
        State::Empty => PostgresCheck::good("schema", "empty; the first start makes it"),
        state => PostgresCheck::good(
            "schema",
            match state.lacking() {
                Some(0) | None => "this program's".to_owned(),
                Some(steps) => format!("lacks {steps} steps, which the next start brings; back up before"),
            },
        ),
    }
}

fn rights(facts: &Facts) -> PostgresCheck {
    let (role, database) = (&facts.schema.role, &facts.database);
    let Some(name) = &facts.schema.name else {
        let message = format!("the role {role} may use no schema of the database {database}");
        let mend = format!("GRANT USAGE, CREATE ON SCHEMA public TO {role}, or correct its search_path");
        return PostgresCheck::fatal("rights", Error::unavailable("store_rights", message), mend);
    };
    // Who only works needs no right to make tables, once they are there.
    let makes = facts.schema.state.lacking().is_some_and(|steps| steps > 0);
    if makes && !facts.schema.may_create {
        let message =
            format!("the role {role} may not make tables in the schema {name} of the database {database}");
        let mend = format!(
            "ALTER DATABASE {database} OWNER TO {role} (or GRANT CREATE ON SCHEMA {name} TO {role}), \
             or set HUB_DATABASE_ADMIN_URL to a role that may"
        );
        return PostgresCheck::fatal("rights", Error::unavailable("store_rights", message), mend);
    }
    if makes && !facts.schema.may_make_roles {
        let message = format!("the role {role} may not make the role as which the hub works");
        let mend = format!(
            "ALTER ROLE {role} CREATEROLE, or set HUB_DATABASE_ADMIN_URL to a role that owns the database and may"
        );
        return PostgresCheck::fatal("rights", Error::unavailable("store_rights", message), mend);
    }
    PostgresCheck::good("rights", format!("{role} may do what the hub needs"))
}

/// What the check of the wall is called.
pub(super) const WALL: &str = "wall";

/// The roles of the wall are the server's, and not in a dump of the database.
fn wall(facts: &Facts) -> PostgresCheck {
    let missing = |message| Error::denied("wall_missing", message);
    match &facts.wall {
        Wall::Unbuilt => PostgresCheck::good(WALL, "the first start builds it"),
        Wall::Stands => PostgresCheck::good(WALL, "the database keeps agents apart by itself"),
        Wall::Lacks(what) => {
            let mend =
                "start `hub serve` once with the URL of the owner of the database, which builds it again";
            let problem = missing(format!("the wall between agents lacks {what}"));
            PostgresCheck::problem(WALL, Severity::Note, problem, mend)
        }
        Wall::Hole(message) => {
            let mend =
                "undo it, or restore a backup of the database: no hub starts while agents are not kept apart";
            PostgresCheck::fatal(WALL, missing(message.clone()), mend)
        }
    }
}

fn connections(facts: &Facts) -> PostgresCheck {
    let needed = i32::try_from(KEEPING.most + KEEPING_OWNER.most).unwrap_or(i32::MAX);
    let of_server = facts.most.saturating_sub(facts.reserved);
    let limits = [Some(of_server), facts.role_most, facts.database_most];
    let most = limits.into_iter().flatten().min().unwrap_or(of_server);
    let mend = format!(
        "each process of a hub holds up to {needed}: raise max_connections, or the limit with \
         ALTER ROLE {} CONNECTION LIMIT … and ALTER DATABASE {} CONNECTION LIMIT …",
        facts.role, facts.database
    );
    if most < needed {
        let message = format!("{most} connections are allowed, and a hub needs {needed}");
        return PostgresCheck::fatal("connections", Error::unavailable("store_connections", message), mend);
    }
    let free = of_server.saturating_sub(facts.used);
    if free < needed {
        let message =
            format!("{free} connections of {of_server} are free at this moment, and a hub may need {needed}");
        let problem = Error::unavailable("store_connections", message);
        return PostgresCheck::problem("connections", Severity::Note, problem, mend);
    }
    PostgresCheck::good("connections", format!("{free} of {of_server} are free, {needed} are needed"))
}

/// What is acknowledged must be on the disk. The hub asks for `synchronous_commit` itself; the other
/// two are the server's, and decide whether a power failure loses what was acknowledged.
fn durability(facts: &Facts) -> PostgresCheck {
    let off: Vec<&str> = [(facts.fsync, "fsync"), (facts.full_page_writes, "full_page_writes")]
        .into_iter()
        .filter_map(|(on, name)| (!on).then_some(name))
        .collect();
    if off.is_empty() {
        let of_session = match facts.synchronous_commit.as_str() {
            "on" => "",
            _ => "; the hub turns synchronous_commit on for itself",
        };
        return PostgresCheck::good("durability", format!("what is committed is on the disk{of_session}"));
    }
    let message = format!(
        "{} is off: a power failure or a crash of the machine loses what was acknowledged, or the whole database",
        off.join(" and ")
    );
    let problem = Error::unavailable("store_durability", message);
    let mend = format!("set {} = on in postgresql.conf and reload the server", off.join(" = on and "));
    PostgresCheck::problem("durability", Severity::Wrong, problem, mend)
}

fn clock(facts: &Facts) -> PostgresCheck {
    let apart = facts.ahead_micros.unsigned_abs();
    let seconds = apart / 1_000_000;
    if apart <= APART_MICROS {
        return PostgresCheck::good("clocks", "the server's and the hub's agree");
    }
    let direction = if facts.ahead_micros > 0 { "before" } else { "behind" };
    let message = format!("the server's clock is {seconds} s {direction} the hub's");
    let problem = Error::unavailable("store_clock", message);
    let mend = "set the clocks of both machines, best by NTP (`timedatectl set-ntp true`)";
    let severity = if apart > TOO_FAR_APART_MICROS { Severity::Fatal } else { Severity::Note };
    PostgresCheck::problem("clocks", severity, problem, mend)
}

/// Nothing of this version needs it yet.
fn vector(facts: &Facts) -> PostgresCheck {
    if facts.vector {
        return PostgresCheck::good("pgvector", "the extension can be installed");
    }
    let message =
        "the server lacks the extension vector, which recall by meaning will need in a later version";
    let mend = "install pgvector for this version of PostgreSQL on the server (on Debian the package postgresql-NN-pgvector)";
    PostgresCheck::problem("pgvector", Severity::Note, Error::unavailable("store_no_vector", message), mend)
}

#[cfg(test)]
mod tests;
