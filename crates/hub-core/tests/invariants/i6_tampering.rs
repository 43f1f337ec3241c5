//! I6: on a copy of the file, whatever is changed of the log is found, and an untouched one holds.

use crate::world::{World, event};
use hub_core::Context;
use hub_core::audit::verify_folder;
use hub_core::clock::Clock as _;
use hub_core::store::{Executor as _, Intent, Reach, Sql, SqliteExecutor, Statement};
use hub_core::vocabulary::Role;
use serde_json::json;
use std::path::Path;

/// Entries of each of the two agents in [`base`].
const ENTRIES: i64 = 6;

/// A folder with a hub that was stopped: two agents whose entries stand mixed.
async fn base() -> tempfile::TempDir {
    let world = World::new().await;
    let admin = Context::admin();
    let other = world.hub.agents().create(&admin, "office".into()).await.unwrap().agent_id;
    let desk = world.hub.spaces().create(&admin, other, "desk".to_owned()).await.unwrap().space_id;
    let carl = world.hub.people().create(&admin, other, "Carl".to_owned()).await.unwrap().person_id;
    let carl = Context::operator(other, carl, Role::Owner);
    for id in 1..=3 {
        let words = event(id, desk, world.clock.now(), json!({ "text": "x", "role": "user" }));
        world.hub.events().append(&carl, words).await.unwrap();
        if id < 3 {
            world.append(world.said(id, "Hello")).await;
        }
    }
    world.hub.shutdown().await;
    // Columns without types and constraints, as somebody can make who owns the file.
    script(
        world.folder.path(),
        "PRAGMA foreign_keys = OFF; \
         CREATE TABLE loose (agent_id, seq, entry, hash); \
         INSERT INTO loose (rowid, agent_id, seq, entry, hash) SELECT rowid, * FROM audit_entries; \
         DROP TABLE audit_entries; ALTER TABLE loose RENAME TO audit_entries; \
         CREATE TABLE heads (agent_id, size, hash); INSERT INTO heads SELECT * FROM audit_heads; \
         DROP TABLE audit_heads; ALTER TABLE heads RENAME TO audit_heads;",
    )
    .await;
    world.folder
}

async fn script(folder: &Path, sql: &str) {
    let executor = SqliteExecutor::open_existing(&folder.join("hub.db")).await.unwrap();
    let mut tx = executor.begin(Intent::Write, &Reach::nobody()).await.unwrap();
    tx.script(sql).await.unwrap();
    tx.commit().await.unwrap();
    executor.shutdown().await;
}

async fn column(folder: &Path, sql: &str) -> Vec<i64> {
    let executor = SqliteExecutor::open_existing(&folder.join("hub.db")).await.unwrap();
    let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await.unwrap();
    let rows = tx.query(&Statement { sql: Sql::Assembled(sql.into()) }, vec![]).await.unwrap();
    drop(tx);
    executor.shutdown().await;
    rows.into_iter().map(|mut row| row.take(0).unwrap()).collect()
}

/// Runs the script on a copy; answers whether the log of the copy still holds.
async fn holds_after(base: &Path, sql: &str) -> bool {
    let copy = tempfile::tempdir().unwrap();
    for name in ["hub.db", "audit-heads.json"] {
        std::fs::copy(base.join(name), copy.path().join(name)).unwrap();
    }
    script(copy.path(), sql).await;
    match verify_folder(copy.path()).await {
        Ok(report) => report.holds(),
        Err(error) => panic!("{sql}: {error:?}"),
    }
}

async fn found(base: &Path, sql: &str) {
    assert!(!holds_after(base, sql).await, "not found: {sql}");
}

#[tokio::test]
async fn an_untouched_log_holds() {
    let base = base().await;
    assert!(verify_folder(base.path()).await.unwrap().holds());
    assert!(holds_after(base.path(), "UPDATE people SET name = 'Zoe';").await);
    assert!(holds_after(base.path(), "ANALYZE;").await);
    assert_eq!(column(base.path(), "SELECT count(*) FROM audit_entries").await, [2 * ENTRIES]);
}

#[tokio::test]
async fn a_changed_value_of_any_column_of_any_row_is_found() {
    let base = base().await;
    let rows = column(base.path(), "SELECT rowid FROM audit_entries ORDER BY rowid").await;
    let values = [
        "NULL",
        "0",
        "-1",
        "7",
        "1.5",
        "''",
        "'x'",
        "x''",
        "x'00'",
        "zeroblob(16)",
        "zeroblob(32)",
        "(SELECT agent_id FROM agents ORDER BY agent_id LIMIT 1)",
        "(SELECT agent_id FROM agents ORDER BY agent_id DESC LIMIT 1)",
    ];
    for row in &rows {
        for column in ["agent_id", "seq", "entry", "hash"] {
            // All values in turn on one copy would hide each other: each on its own.
            for value in values
                .iter()
                .enumerate()
                .filter(|(index, _)| (index + usize::try_from(*row).unwrap()) % 3 == 0)
            {
                let change = format!(
                    "UPDATE audit_entries SET {column} = {0} WHERE rowid = {row} AND {column} IS NOT {0};",
                    value.1
                );
                let same = format!(
                    "SELECT count(*) FROM audit_entries WHERE rowid = {row} AND {column} IS {}",
                    value.1
                );
                if self::column(base.path(), &same).await == [0] {
                    found(base.path(), &change).await;
                }
            }
        }
        found(base.path(), &format!("UPDATE audit_entries SET entry = entry || ' ' WHERE rowid = {row};"))
            .await;
        found(
            base.path(),
            &format!("UPDATE audit_entries SET entry = CAST(entry AS BLOB) WHERE rowid = {row};"),
        )
        .await;
        found(base.path(), &format!("UPDATE audit_entries SET seq = CAST(seq AS TEXT) WHERE rowid = {row};"))
            .await;
        found(
            base.path(),
            &format!("UPDATE audit_entries SET entry = replace(entry, 'a', 'b') WHERE rowid = {row};"),
        )
        .await;
        found(
            base.path(),
            &format!("UPDATE audit_entries SET hash = substr(hash, 1, 31) || x'00' WHERE rowid = {row};"),
        )
        .await;
    }
}

#[tokio::test]
async fn a_row_deleted_at_any_place_is_found() {
    let base = base().await;
    for row in column(base.path(), "SELECT rowid FROM audit_entries").await {
        found(base.path(), &format!("DELETE FROM audit_entries WHERE rowid = {row};")).await;
        // Also when what comes after is renumbered to close the gap.
        found(
            base.path(),
            &format!(
                "CREATE TEMP TABLE gone AS SELECT * FROM audit_entries WHERE rowid = {row}; \
                 DELETE FROM audit_entries WHERE rowid = {row}; \
                 UPDATE audit_entries SET seq = seq - 1 WHERE agent_id = (SELECT agent_id FROM gone) \
                 AND seq > (SELECT seq FROM gone); \
                 UPDATE audit_heads SET size = size - 1 WHERE agent_id = (SELECT agent_id FROM gone);"
            ),
        )
        .await;
    }
}

#[tokio::test]
async fn rows_that_changed_places_are_found() {
    let base = base().await;
    let of_one = column(
        base.path(),
        "SELECT rowid FROM audit_entries WHERE agent_id = (SELECT min(agent_id) FROM agents) ORDER BY rowid",
    )
    .await;
    for (at, one) in of_one.iter().enumerate() {
        for other in &of_one[at + 1..] {
            let rowids = format!(
                "UPDATE audit_entries SET rowid = -1 WHERE rowid = {one}; \
                 UPDATE audit_entries SET rowid = {one} WHERE rowid = {other}; \
                 UPDATE audit_entries SET rowid = {other} WHERE rowid = -1;"
            );
            found(base.path(), &rowids).await;
            for columns in
                ["entry", "hash", "seq", "entry = b.entry, hash", "seq = b.seq, entry = b.entry, hash"]
            {
                let last = columns.rsplit(' ').next().unwrap();
                let contents = format!(
                    "CREATE TEMP TABLE b AS SELECT rowid AS r, * FROM audit_entries WHERE rowid IN ({one}, {other}); \
                     UPDATE audit_entries SET {columns} = b.{last} FROM b \
                     WHERE audit_entries.rowid IN ({one}, {other}) AND b.r = {one} + {other} - audit_entries.rowid;"
                );
                found(base.path(), &contents).await;
            }
        }
    }
}

#[tokio::test]
async fn an_inserted_row_is_found() {
    let base = base().await;
    for row in column(base.path(), "SELECT rowid FROM audit_entries").await {
        for place in ["NULL".to_owned(), "-5".to_owned(), format!("{row} + 1000")] {
            for seq in ["seq", "seq + 1", "seq + 6", "0", "100"] {
                let copy = format!(
                    "INSERT INTO audit_entries (rowid, agent_id, seq, entry, hash) \
                     SELECT {place}, agent_id, {seq}, entry, hash FROM audit_entries WHERE rowid = {row};"
                );
                found(base.path(), &copy).await;
            }
        }
    }
    found(base.path(), "INSERT INTO audit_entries VALUES (zeroblob(16), 1, '{}', zeroblob(32));").await;
    found(base.path(), "INSERT INTO audit_entries VALUES (NULL, NULL, NULL, NULL);").await;
}

#[tokio::test]
async fn a_cut_tail_and_an_emptied_log_are_found_with_heads_kept_emptied_or_set_back() {
    let base = base().await;
    let agent = "(SELECT min(agent_id) FROM agents)";
    for keep in 0..ENTRIES {
        let cut = format!("DELETE FROM audit_entries WHERE agent_id = {agent} AND seq > {keep};");
        found(base.path(), &cut).await;
        found(base.path(), &format!("{cut} DELETE FROM audit_heads WHERE agent_id = {agent};")).await;
        found(base.path(), &format!("{cut} DELETE FROM audit_heads;")).await;
        // The head set back to what is left agrees with it; what was noted beside the database does not.
        let set_back = format!(
            "{cut} UPDATE audit_heads SET size = {keep}, hash = coalesce((SELECT hash FROM audit_entries \
             WHERE agent_id = {agent} AND seq = {keep}), zeroblob(32)) WHERE agent_id = {agent};"
        );
        found(base.path(), &set_back).await;
    }
    for all in [
        "DELETE FROM audit_entries;",
        "DELETE FROM audit_heads;",
        "DELETE FROM audit_entries; DELETE FROM audit_heads;",
        "DELETE FROM audit_entries; DELETE FROM audit_heads; DELETE FROM agents;",
    ] {
        found(base.path(), all).await;
    }
    for change in [
        "size = size + 1",
        "size = size - 1",
        "size = 'x'",
        "size = NULL",
        "hash = zeroblob(32)",
        "hash = NULL",
        "hash = x'00'",
        "agent_id = zeroblob(16)",
        "agent_id = NULL",
    ] {
        found(base.path(), &format!("UPDATE audit_heads SET {change} WHERE agent_id = {agent};")).await;
    }
}
