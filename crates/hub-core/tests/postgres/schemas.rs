//! Both databases have one schema: each is read from its own catalogue and told in the same lines.
//! Checks and indexes are compared by PostgreSQL itself, which is given SQLite's text of them.

use super::Fresh;
use hub_core::clock::Timestamp;
use hub_core::store::migrate::migrate;
use hub_core::store::{
    Executor, Intent, PostgresExecutor, Reach, Row, Sql, SqliteExecutor, Statement, Transaction,
};
use std::collections::{BTreeMap, BTreeSet};

/// What PostgreSQL has otherwise: the full-text index, which in SQLite is a virtual table with tables
/// of its own, and the number that every SQLite row has without a column for it.
const OTHERWISE: [&str; 3] = ["memory_terms", "audit_entries.rowid", "audit_entries: primary key (rowid)"];

const SQLITE_TABLES: &str = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
     AND name NOT LIKE 'memory_terms%'";
const SQLITE_COLUMNS: &str = "SELECT m.name || '.' || c.name || ' ' || c.type || CASE c.\"notnull\" WHEN 1 \
     THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || c.dflt_value, '') \
     FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'";
const SQLITE_KEYS: &str = "SELECT name || ': primary key (' || group_concat(part, ', ') || ')' FROM (SELECT m.name, \
     c.name AS part FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.pk > 0 \
     ORDER BY m.name, c.pk) GROUP BY name \
     UNION ALL SELECT name || ': unique (' || group_concat(part, ', ') || ')' FROM (SELECT m.name, i.name AS idx, \
     p.name AS part FROM sqlite_schema m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) p \
     WHERE m.type = 'table' AND i.origin = 'u' ORDER BY m.name, i.name, p.seqno) GROUP BY name, idx \
     UNION ALL SELECT name || ': (' || group_concat(here, ', ') || ') to ' || there || ' (' || \
     group_concat(part, ', ') || ') ' || gone FROM (SELECT m.name, f.id, f.\"from\" AS here, f.\"table\" AS there, \
     f.\"to\" AS part, f.on_delete AS gone FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f \
     WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq) GROUP BY name, id";
const SQLITE_INDEXES: &str = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";

const POSTGRES_COLUMNS: &str = "SELECT table_name || '.' || column_name || CASE data_type WHEN 'bigint' THEN ' INTEGER' \
     WHEN 'bytea' THEN ' BLOB' WHEN 'text' THEN ' TEXT' WHEN 'double precision' THEN ' REAL' ELSE data_type END || \
     CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || column_default, '') \
     FROM information_schema.columns WHERE table_schema = 'public'";
const POSTGRES_KEYS: &str = "SELECT t.relname || ': ' || CASE c.contype WHEN 'p' THEN 'primary key ' \
     WHEN 'u' THEN 'unique ' ELSE '' END || '(' || own.names || ')' || \
     coalesce(' to ' || f.relname || ' (' || far.names || ') ' || CASE c.confdeltype WHEN 'c' THEN 'CASCADE' \
     ELSE 'otherwise' END, '') \
     FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid LEFT JOIN pg_class f ON f.oid = c.confrelid \
     CROSS JOIN LATERAL (SELECT string_agg(a.attname, ', ' ORDER BY k.place) AS names \
     FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place) \
     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) AS own \
     CROSS JOIN LATERAL (SELECT string_agg(a.attname, ', ' ORDER BY k.place) AS names \
     FROM unnest(c.confkey) WITH ORDINALITY AS k (number, place) \
     JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number) AS far \
     WHERE t.relnamespace = 'public'::regnamespace AND c.contype IN ('p', 'u', 'f')";
const POSTGRES_CHECKS: &str = "SELECT t.relname::text, c.conname::text, pg_get_constraintdef(c.oid) FROM pg_constraint c \
     JOIN pg_class t ON t.oid = c.conrelid WHERE t.relnamespace = 'public'::regnamespace AND c.contype = 'c'";
const POSTGRES_INDEXES: &str = "SELECT i.indexname::text, i.indexdef FROM pg_indexes i WHERE schemaname = 'public' \
     AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)";

async fn rows(tx: &mut dyn Transaction, sql: &'static str) -> Vec<Row> {
    tx.query(&Statement::new(sql), vec![]).await.unwrap()
}

async fn lines(tx: &mut dyn Transaction, sql: &'static str) -> BTreeSet<String> {
    rows(tx, sql).await.into_iter().map(|mut row| row.take(0).unwrap()).collect()
}

async fn pairs(tx: &mut dyn Transaction, sql: &'static str) -> BTreeMap<String, String> {
    rows(tx, sql).await.into_iter().map(|mut row| (row.take(0).unwrap(), row.take(1).unwrap())).collect()
}

/// The expressions of a table's checks, as they stand in its text.
fn checks(table: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (place, word) in table.match_indices("CHECK (") {
        let inside = &table[place + word.len()..];
        let mut open = 1;
        let end = inside.find(|c| {
            open += i32::from(c == '(') - i32::from(c == ')');
            open == 0
        });
        found.push(inside[..end.unwrap()].to_owned());
    }
    found
}

/// The same check in PostgreSQL's words: bytes have an `octet_length`.
fn of_bytes(check: &str, table: &str, columns: &BTreeSet<String>) -> String {
    let mut check = check.to_owned();
    for column in columns.iter().filter(|column| column.contains(" BLOB")) {
        let name = column.split(' ').next().unwrap();
        if let Some(name) = name.strip_prefix(&format!("{table}.")) {
            check = check.replace(&format!("length({name})"), &format!("octet_length({name})"));
        }
    }
    check
}

async fn both() -> Option<(tempfile::TempDir, Fresh, SqliteExecutor, PostgresExecutor)> {
    let fresh = Fresh::make().await?;
    let folder = tempfile::tempdir().unwrap();
    let sqlite = SqliteExecutor::open(&folder.path().join("hub.db")).await.unwrap();
    let postgres = PostgresExecutor::open(&fresh.url()).await.unwrap();
    for executor in [&sqlite as &dyn Executor, &postgres] {
        migrate(executor, executor.dialect().migrations(), Timestamp(1)).await.unwrap();
    }
    Some((folder, fresh, sqlite, postgres))
}

fn otherwise(line: &str) -> bool {
    OTHERWISE.iter().any(|known| line.starts_with(known))
}

/// Tables, columns, types, absent values, defaults, and every primary, unique and foreign key.
#[tokio::test]
async fn columns_and_keys_are_the_same() {
    let Some((_folder, _fresh, sqlite, postgres)) = both().await else { return };
    let mut one = sqlite.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    let mut other = postgres.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    for (in_sqlite, in_postgres) in [(SQLITE_COLUMNS, POSTGRES_COLUMNS), (SQLITE_KEYS, POSTGRES_KEYS)] {
        let mut here = lines(one.as_mut(), in_sqlite).await;
        let mut there = lines(other.as_mut(), in_postgres).await;
        here.retain(|line| !otherwise(line) && !line.starts_with("sqlite_"));
        there.retain(|line| !otherwise(line));
        assert!(here.len() > 20, "{here:?}");
        let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
        assert_eq!((only(&here, &there), only(&there, &here)), (vec![], vec![]), "only in SQLite, only here");
    }
}

/// Every check forbids the same: SQLite's, put on PostgreSQL's table, reads as one that is there.
#[tokio::test]
async fn checks_are_the_same() {
    let Some((_folder, _fresh, sqlite, postgres)) = both().await else { return };
    let mut one = sqlite.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    let (tables, columns) =
        (pairs(one.as_mut(), SQLITE_TABLES).await, lines(one.as_mut(), SQLITE_COLUMNS).await);
    let mut tx = postgres.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    let mut compared = 0;
    for (table, sql) in tables {
        for (number, check) in checks(&sql).iter().enumerate() {
            let check = of_bytes(check, &table, &columns);
            let add = format!("ALTER TABLE {table} ADD CONSTRAINT from_sqlite_{number} CHECK ({check})");
            tx.script(&add).await.unwrap_or_else(|error| panic!("{add}: {error:?}"));
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared} checks");
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for mut row in rows(tx.as_mut(), POSTGRES_CHECKS).await {
        let (table, name, check): (String, String, String) =
            (row.take(0).unwrap(), row.take(1).unwrap(), row.take(2).unwrap());
        let side = if name.starts_with("from_sqlite_") { &mut here } else { &mut there };
        if !otherwise(&table) {
            side.push(format!("{table}: {check}"));
        }
    }
    here.sort();
    there.sort();
    assert_eq!(here, there);
    tx.rollback().await.unwrap();
}

/// Every index that has a name has the same columns and the same condition.
#[tokio::test]
async fn indexes_are_the_same() {
    let Some((_folder, _fresh, sqlite, postgres)) = both().await else { return };
    let mut one = sqlite.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    let here = pairs(one.as_mut(), SQLITE_INDEXES).await;
    let mut tx = postgres.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    let there = pairs(tx.as_mut(), POSTGRES_INDEXES).await;
    assert!(here.keys().eq(there.keys()), "{:?}\n{:?}", here.keys(), there.keys());
    for (name, sql) in here {
        tx.script(&format!("DROP INDEX {name}; {sql}")).await.unwrap();
        let sql = Sql::Assembled("SELECT indexdef FROM pg_indexes WHERE indexname = $1".into());
        let mut made = tx.query(&Statement { sql }, vec![name.as_str().into()]).await.unwrap();
        assert_eq!(made[0].take::<String>(0).unwrap(), there[&name]);
    }
    tx.rollback().await.unwrap();
}
