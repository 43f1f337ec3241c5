//! The second wall, tried with raw SQL as the role that the hub works as: whoever forgets to say whose
//! rows he wants gets none, from any table, and a table without the wall stops the hub.

use super::Fresh;
use hub_core::clock::{Clock as _, SystemClock, Timestamp};
use hub_core::ids::AgentId;
use hub_core::store::migrate::{POSTGRES, migrate};
use hub_core::store::{
    Executor as _, Intent, PostgresExecutor, Reach, Row, Severity, Sql, Statement, Transaction,
    check_postgres,
};
use uuid::Uuid;

const HERE: AgentId = AgentId(Uuid::from_u128(1));
const THERE: AgentId = AgentId(Uuid::from_u128(2));
const WALLED: &str = "SELECT CAST(c.relname AS TEXT) FROM pg_class c \
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'agent_id' AND NOT a.attisdropped \
     WHERE c.relkind = 'r' AND c.relnamespace = CAST('public' AS regnamespace) ORDER BY 1";

/// One row of each table for an agent, in the order in which they refer to each other.
fn rows_of(agent: AgentId) -> String {
    let n = agent.0.as_u128();
    let id = |kind: u128| format!("'\\x{:032x}'::bytea", kind * 16 + n);
    let (me, hash) = (format!("'\\x{:032x}'::bytea", n), format!("decode(repeat('0{n}', 32), 'hex')"));
    let (space, person, device, memory, action) = (id(16), id(17), id(18), id(19), id(20));
    format!(
        "INSERT INTO agents VALUES ({me}, {n}, 'x', 'en', 'rules', 1);
         INSERT INTO audit_heads VALUES ({me}, 1, {hash});
         INSERT INTO audit_entries (agent_id, seq, entry, hash) VALUES ({me}, 1, 'x', {hash});
         INSERT INTO spaces VALUES ({me}, {space}, 'x', 0, 1, NULL);
         INSERT INTO private_intervals VALUES ({me}, {space}, 1, 2);
         INSERT INTO people VALUES ({me}, {person}, 'x', 1, NULL);
         INSERT INTO devices VALUES ({me}, {device}, 'x', '[]', 1, NULL);
         INSERT INTO tokens VALUES ({me}, {token}, 'operator', 'x', {hash}, {person}, NULL, 'owner', '[]', '[]', 1, NULL, NULL);
         INSERT INTO consents VALUES ({me}, {consent}, {person}, 'voice', {person}, 1, NULL, NULL, NULL);
         INSERT INTO presence VALUES ({me}, {space}, {person}, 'person', 'present', 1, 1, 2);
         INSERT INTO event_types VALUES ({me}, 'custom.x', '{{}}', 1);
         INSERT INTO planner_usage VALUES ({me}, 1, 'x', 1, 2, 3);
         INSERT INTO events (agent_id, seq, event_id, space_id, type, occurred_at, received_at, payload, salt, digest)
             VALUES ({me}, 1, {event}, {space}, 'x', 1, 1, '{{}}', {event}, {hash});
         INSERT INTO queue (queue, agent_id, key, state, available_at, enqueued_at) VALUES ('plan', {me}, {event}, 'ready', 1, 1);
         INSERT INTO talk VALUES ({me}, {space}, 0, 1, 1, 1);
         INSERT INTO talk_traces VALUES ({me}, {space}, 1, 1, decode(repeat('0{n}', 25), 'hex'));
         INSERT INTO windows VALUES ({me}, {window}, {space}, 0, 1, 'cut', 1, NULL, NULL);
         INSERT INTO memories (doc, agent_id, memory_id, tier, content, space_id, seq, terms, language, occurred_at, created_at)
             VALUES ({n}, {me}, {memory}, 'episodic', 'x', {space}, 1, 1, 'en', 1, 1);
         INSERT INTO memory_sources VALUES ({me}, {memory}, 1);
         INSERT INTO memory_totals VALUES ({me}, 1, 1);
         INSERT INTO memory_terms (term, doc, agent_id) VALUES ('{n}xword', {n}, {me});
         INSERT INTO actions (agent_id, action_id, space_id, state, tool, tool_version, tool_schema_digest, arguments, scopes,
             effect, reason, proposed_by, source_event_ids, binding_digest, salt, policy_version, expires_at, created_at, updated_at)
             VALUES ({me}, {action}, {space}, 'approved', 't', '1.0.0', {hash}, '{{}}', '[]', 'read', '', 'x', '[]', {hash},
             {action}, 0, 1, 1, 1);
         INSERT INTO approvals VALUES ({me}, {action}, {person}, 'approved', {hash}, 1, NULL);
         INSERT INTO messages VALUES ({me}, {message}, {action}, {space}, NULL, NULL, 'x', 1);
         INSERT INTO reminders VALUES ({me}, {action}, {space}, NULL, 'x', 1, {event}, NULL);
         INSERT INTO artifact_homes VALUES ({me}, {event});
         INSERT INTO artifacts VALUES ({me}, {artifact}, {space}, NULL, {hash}, {event}, 1, 'image/png', 0, 1, 1, 1);
         INSERT INTO artifact_people VALUES ({me}, {artifact}, {person}, NULL);
         INSERT INTO artifact_references VALUES ({me}, {artifact}, 1);",
        token = id(21),
        consent = id(22),
        event = id(23),
        window = id(24),
        message = id(25),
        artifact = id(26),
    )
}

async fn ask(tx: &mut dyn Transaction, sql: String) -> Vec<Row> {
    tx.query(&Statement { sql: Sql::Assembled(sql.into()) }, vec![]).await.unwrap()
}

async fn count(tx: &mut dyn Transaction, sql: String) -> i64 {
    ask(tx, sql).await[0].take(0).unwrap()
}

async fn walled(executor: &PostgresExecutor) -> Vec<String> {
    let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await.unwrap();
    let tables = ask(tx.as_mut(), WALLED.to_owned()).await;
    tables.into_iter().map(|mut row| row.take(0).unwrap()).collect()
}

async fn two_agents() -> Option<(Fresh, PostgresExecutor, Vec<String>)> {
    let fresh = Fresh::make().await?;
    let executor = PostgresExecutor::open(&fresh.url()).await.unwrap();
    migrate(&executor, POSTGRES, Timestamp(1)).await.unwrap();
    executor.check().await.unwrap();
    for agent in [HERE, THERE] {
        let mut tx = executor.begin(Intent::Write, &Reach::of([agent])).await.unwrap();
        tx.script(&rows_of(agent)).await.unwrap();
        tx.commit().await.unwrap();
    }
    let tables = walled(&executor).await;
    assert!(tables.len() >= 27, "{tables:?}");
    Some((fresh, executor, tables))
}

/// Each table, tried with raw SQL: nobody sees nothing, an agent its own, a group commit those of its
/// agents; and no row of another is changed or taken away.
#[tokio::test]
async fn every_table_shows_and_takes_rows_of_the_agents_that_were_named_and_no_other() {
    let Some((_fresh, executor, tables)) = two_agents().await else { return };
    for (reach, rows) in [
        (Reach::nobody(), 0),
        (Reach::of([HERE]), 1),
        (Reach::of([AgentId(Uuid::from_u128(3))]), 0),
        (Reach::of([HERE, THERE]), 2),
    ] {
        let mut tx = executor.begin(Intent::Write, &reach).await.unwrap();
        for table in &tables {
            assert_eq!(
                count(tx.as_mut(), format!("SELECT count(*) FROM {table}")).await,
                rows,
                "{table}, {reach:?}"
            );
        }
        for table in tables.iter().filter(|_| rows < 2) {
            let of_there = format!("agent_id = '\\x{:032x}'", 2);
            let change = format!("UPDATE {table} SET agent_id = agent_id WHERE {of_there} RETURNING 1");
            assert!(ask(tx.as_mut(), change).await.is_empty(), "{table} was changed");
            let delete = format!("DELETE FROM {table} WHERE {of_there} RETURNING 1");
            assert!(ask(tx.as_mut(), delete).await.is_empty(), "{table} lost a row");
        }
    }
}

/// A row for an agent that was not named is refused by the wall, from every table.
#[tokio::test]
async fn no_table_takes_a_row_for_another_agent() {
    let Some((_fresh, executor, tables)) = two_agents().await else { return };
    let inserts = rows_of(AgentId(Uuid::from_u128(3)));
    let inserts: Vec<&str> = inserts.split(";\n").collect();
    let mut tried = std::collections::BTreeSet::new();
    for insert in inserts {
        for reach in [Reach::nobody(), Reach::of([HERE])] {
            let mut tx = executor.begin(Intent::Write, &reach).await.unwrap();
            let error = tx.script(insert).await.unwrap_err();
            let said = format!("{error:?}");
            assert!(said.contains("row-level security policy"), "{insert}: {said}");
        }
        let table = insert.trim().trim_start_matches("INSERT INTO ").split(' ').next().unwrap();
        tried.insert(table.to_owned());
    }
    assert_eq!(tried, tables.into_iter().collect());
}

/// Role and agents end with the transaction, committed or not; the next one on the same connection
/// has its own.
#[tokio::test]
async fn neither_role_nor_agents_outlive_a_transaction() {
    let Some((_fresh, executor, _)) = two_agents().await else { return };
    const WHO: &str = "SELECT CAST(current_user AS TEXT), coalesce(current_setting('hub.agents', TRUE), ''), \
                       pg_backend_pid()";
    let mut pids = std::collections::BTreeSet::new();
    for end_well in [true, false, true] {
        let mut tx = executor.begin(Intent::Write, &Reach::of([HERE])).await.unwrap();
        let row = &mut ask(tx.as_mut(), WHO.to_owned()).await[0];
        assert!(row.take::<String>(0).unwrap().ends_with("_hub"));
        assert!(row.take::<String>(1).unwrap().contains("00000001"));
        pids.insert(row.take::<i64>(2).unwrap());
        if end_well {
            tx.commit().await.unwrap()
        } else {
            tx.rollback().await.unwrap()
        }
        let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
        let row = &mut ask(tx.as_mut(), WHO.to_owned()).await[0];
        assert_eq!(
            (row.take::<String>(0).unwrap().ends_with("_hub"), row.take::<String>(1).unwrap()),
            (false, String::new())
        );
        pids.insert(row.take::<i64>(2).unwrap());
        tx.rollback().await.unwrap();
        let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await.unwrap();
        assert_eq!(count(tx.as_mut(), "SELECT count(*) FROM agents".to_owned()).await, 0);
        tx.rollback().await.unwrap();
    }
    assert_eq!(pids.len(), 1, "not the same connection");
}

/// A hub does not start where its statements would pass the wall, or where a table has none.
#[tokio::test]
async fn a_wall_with_a_hole_stops_the_hub() {
    let Some((fresh, executor, _)) = two_agents().await else { return };
    let role = format!("\"{}_hub\"", fresh.name());
    let holes = [
        ("ALTER TABLE events NO FORCE ROW LEVEL SECURITY", "ALTER TABLE events FORCE ROW LEVEL SECURITY"),
        ("ALTER TABLE talk DISABLE ROW LEVEL SECURITY", "ALTER TABLE talk ENABLE ROW LEVEL SECURITY"),
        ("CREATE TABLE later (agent_id BYTEA)", "DROP TABLE later"),
        ("ALTER POLICY island ON people RENAME TO gone", "ALTER POLICY gone ON people RENAME TO island"),
        (&format!("ALTER ROLE {role} BYPASSRLS"), &format!("ALTER ROLE {role} NOBYPASSRLS")),
        (&format!("ALTER ROLE {role} SUPERUSER"), &format!("ALTER ROLE {role} NOSUPERUSER")),
        (&format!("ALTER TABLE spaces OWNER TO {role}"), "ALTER TABLE spaces OWNER TO CURRENT_USER"),
    ];
    for (make, mend) in holes {
        for (sql, whole) in [(make, false), (mend, true)] {
            let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
            tx.script(sql).await.unwrap();
            tx.commit().await.unwrap();
            let checked = executor.check().await.map_err(|error| error.code().to_owned());
            assert_eq!(checked, if whole { Ok(()) } else { Err("wall_missing".to_owned()) }, "{sql}");
            let checks = check_postgres(&fresh.url(), None, SystemClock.now()).await;
            let found = checks.iter().find(|check| check.name == "wall").unwrap();
            assert_eq!(found.severity == Severity::Fatal, !whole, "{sql}: {found:?}");
        }
    }
}

/// A login that the owner has not let in yet is told so at the start, by the doctor, and by whoever opens
/// the database without starting a hub, as after a restore on another server.
#[tokio::test]
async fn who_was_not_let_in_is_told_how() {
    let Some((fresh, owner, _)) = two_agents().await else { return };
    let login = fresh.login().await;
    let role = format!("\"{}_hub\"", fresh.name());
    let refused = PostgresExecutor::open(&login).await.unwrap_err();
    assert_eq!(refused.code(), "store_rights");
    assert!(refused.remedy().unwrap().contains("HUB_DATABASE_ADMIN_URL"), "{refused:?}");
    fresh.run(&[&format!("GRANT SELECT ON schema_migrations TO {}_login", fresh.name())]).await;
    let executor = PostgresExecutor::open(&login).await.unwrap();
    let begun = executor.begin(Intent::Read, &Reach::nobody()).await.map(|_| ()).unwrap_err();
    assert!(begun.code() == "wall_missing" && begun.remedy().is_some(), "{begun:?}");
    let lacks = async |url: &str| {
        let checks = check_postgres(url, None, SystemClock.now()).await;
        let wall = checks.into_iter().find(|check| check.name == "wall").unwrap();
        (wall.severity, wall.found)
    };
    let (severity, found) = lacks(&login).await;
    assert!(severity == Severity::Note && found.contains("to become"), "{found}");
    // The owner himself, as long as the roles are not there.
    owner.shutdown().await;
    fresh.run(&[&format!("ALTER ROLE {role} RENAME TO \"{}_outsider\"", fresh.name())]).await;
    let owner = PostgresExecutor::open(&fresh.url()).await.unwrap();
    let begun = owner.begin(Intent::Read, &Reach::nobody()).await.map(|_| ()).unwrap_err();
    assert_eq!(begun.code(), "wall_missing");
    assert_eq!(
        lacks(&fresh.url()).await,
        (Severity::Note, "the wall between agents lacks its roles".to_owned())
    );
}

/// Who spans agents without a function finds the functions shut, and the tables empty.
#[tokio::test]
async fn the_doors_belong_to_the_hub_alone() {
    let Some((fresh, executor, _)) = two_agents().await else { return };
    let outsider = format!("{}_outsider", fresh.name());
    let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    let give = format!(
        "CREATE ROLE {outsider}; GRANT USAGE ON SCHEMA public TO {outsider}; SET LOCAL ROLE {outsider}"
    );
    tx.script(&give).await.unwrap();
    let error = tx.script("SELECT * FROM hub_agents_after('', 10)").await.unwrap_err();
    assert!(format!("{error:?}").contains("permission denied for function"), "{error:?}");
    tx.rollback().await.unwrap();
    let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await.unwrap();
    assert_eq!(count(tx.as_mut(), "SELECT count(*) FROM hub_agents_after('', 10)".to_owned()).await, 2);
}

/// Migrations run as the owner, everything else as a login that owns nothing: with its own URL, and
/// without one for the owner it is told what is missing.
#[tokio::test]
async fn owner_and_login_may_be_apart() {
    let Some(fresh) = Fresh::make().await else { return };
    let login = fresh.login().await;
    let refused = PostgresExecutor::open(&login).await.unwrap_err();
    assert_eq!(refused.code(), "store_rights");
    let both = PostgresExecutor::open_with(&login, Some(&fresh.url())).await.unwrap();
    migrate(&both, POSTGRES, Timestamp(1)).await.unwrap();
    both.check().await.unwrap();
    // Once the schema is there the login is enough.
    let alone = PostgresExecutor::open(&login).await.unwrap();
    migrate(&alone, POSTGRES, Timestamp(2)).await.unwrap();
    alone.check().await.unwrap();
    let mut tx = alone.begin(Intent::Write, &Reach::of([HERE])).await.unwrap();
    tx.script(&rows_of(HERE)).await.unwrap();
    tx.commit().await.unwrap();
}
