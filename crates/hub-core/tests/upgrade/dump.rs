//! A SQLite database as SQL that a transaction of the hub can run, a row a line.

use hub_core::store::{Executor, Intent, Reach, Sql, SqliteExecutor, Statement, Transaction};

async fn strings(tx: &mut dyn Transaction, sql: String) -> Vec<String> {
    let rows = tx.query(&Statement { sql: Sql::Assembled(sql.into()) }, vec![]).await.unwrap();
    rows.into_iter().map(|mut row| row.take(0).unwrap()).collect()
}

/// The rows of a table as inserts, in the order in which they stand.
async fn rows(tx: &mut dyn Transaction, table: &str) -> Vec<String> {
    let columns = strings(tx, format!("SELECT name FROM pragma_table_info('{table}')")).await;
    let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
    let values = format!("SELECT {} FROM {table}", quoted.join(" || ', ' || "));
    let rows = strings(tx, values).await;
    rows.into_iter().map(|row| format!("INSERT INTO {table} VALUES ({row});")).collect()
}

/// The whole database: tables, their rows, indexes, and what the planner of statements knows.
pub(crate) async fn of(executor: &SqliteExecutor) -> String {
    let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await.unwrap();
    let tx = tx.as_mut();
    // The tables of the full-text index are made with it, and then hold rows of their own.
    let own = "FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'memory\\_terms\\_%' ESCAPE '\\'";
    let of = |what: &str, kind: &str| format!("SELECT {what} {own} AND type = '{kind}' ORDER BY rowid");
    let mut lines: Vec<String> = vec!["PRAGMA defer_foreign_keys = ON;".to_owned()];
    lines.extend(strings(tx, of("sql || ';'", "table")).await);
    for table in strings(tx, of("name", "table")).await {
        if table == "memory_terms" {
            for shadow in ["memory_terms_data", "memory_terms_idx", "memory_terms_config"] {
                lines.push(format!("DELETE FROM {shadow};"));
                lines.extend(rows(tx, shadow).await);
            }
        } else {
            lines.extend(rows(tx, &table).await);
        }
    }
    lines.extend(strings(tx, of("sql || ';'", "index")).await);
    lines.push("ANALYZE sqlite_schema;".to_owned());
    lines.extend(rows(tx, "sqlite_stat1").await);
    lines.push("ANALYZE sqlite_schema;".to_owned());
    lines.join("\n") + "\n"
}

/// Makes a database of it.
pub(crate) async fn load(executor: &SqliteExecutor, sql: &str) {
    let mut tx = executor.begin(Intent::Write, &Reach::nobody()).await.unwrap();
    tx.script(sql).await.unwrap();
    tx.commit().await.unwrap();
}
