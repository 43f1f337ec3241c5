//! Every row of every table, whatever the database, and where in them words stand.

use hub_core::store::{Executor as _, Intent, Reach, Sql, SqliteExecutor, Statement, Value};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::Command;

/// The tables, by name.
pub(crate) struct Dump(BTreeMap<String, Table>);

#[derive(Default)]
pub(crate) struct Table {
    columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

/// What every word of a run begins with, and how long it is.
const MARK: &[u8] = b"zq";
const WORD_BYTES: usize = 2 + 2 + 1 + 6 + 9 + 1;

impl Table {
    pub(crate) fn column(&self, name: &str) -> usize {
        self.columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"))
    }

    /// The values of some columns, row by row.
    pub(crate) fn of<const N: usize>(&self, names: [&str; N]) -> impl Iterator<Item = [&Value; N]> {
        let places = names.map(|name| self.column(name));
        self.rows.iter().map(move |row| places.map(|place| &row[place]))
    }
}

impl Dump {
    pub(crate) fn table(&self, name: &str) -> &Table {
        self.0.get(name).unwrap_or_else(|| panic!("no table {name}"))
    }

    /// In which table each word stands.
    pub(crate) fn words(&self) -> HashMap<String, &str> {
        let mut found = HashMap::new();
        for (name, table) in &self.0 {
            for value in table.rows.iter().flatten() {
                let bytes = match value {
                    Value::Text(text) => text.as_bytes(),
                    Value::Blob(bytes) => bytes,
                    _ => continue,
                };
                found.extend(words(bytes).map(|word| (word, name.as_str())));
            }
        }
        found
    }

    pub(crate) fn rows(&self) -> usize {
        self.0.values().map(|table| table.rows.len()).sum()
    }

    pub(crate) async fn of_sqlite(file: &Path) -> Self {
        // The full-text index cannot be read as a table; what it is made of can.
        const TABLES: Statement = Statement::new(
            "SELECT s.name, (SELECT group_concat(i.name) FROM pragma_table_info(s.name) i) \
             FROM sqlite_schema s WHERE s.type = 'table' AND s.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY s.name",
        );
        let executor = SqliteExecutor::open_existing(file).await.unwrap();
        let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await.unwrap();
        let mut tables = BTreeMap::new();
        for mut row in tx.query(&TABLES, vec![]).await.unwrap() {
            let (name, columns): (String, String) = (row.take(0).unwrap(), row.take(1).unwrap());
            let columns: Vec<String> = columns.split(',').map(str::to_owned).collect();
            let sql = format!("SELECT {} FROM {name}", columns.join(", "));
            let found = tx.query(&Statement { sql: Sql::Assembled(sql.into()) }, vec![]).await.unwrap();
            let read = |mut row: hub_core::store::Row| {
                (0..columns.len()).map(|place| row.take::<Value>(place).unwrap()).collect()
            };
            let rows = found.into_iter().map(read).collect();
            tables.insert(name, Table { columns, rows });
        }
        tx.rollback().await.unwrap();
        executor.shutdown().await;
        Self(tables)
    }

    /// From what `pg_dump` writes.
    pub(crate) fn of_postgres(text: &str) -> Self {
        let mut tables = BTreeMap::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(rest) = line.strip_prefix("COPY ") else { continue };
            let (name, columns) = rest.strip_suffix(") FROM stdin;").unwrap().split_once(" (").unwrap();
            let columns = columns.split(", ").map(|column| column.trim_matches('"').to_owned()).collect();
            let rows = lines.by_ref().take_while(|line| *line != "\\.");
            let rows = rows.map(|row| row.split('\t').map(cell).collect()).collect();
            tables.insert(name.trim_start_matches("public.").to_owned(), Table { columns, rows });
        }
        Self(tables)
    }
}

/// A value as `COPY` writes it. Text that is a number becomes one.
fn cell(text: &str) -> Value {
    if text == "\\N" {
        return Value::Null;
    }
    if let Some(hex) = text.strip_prefix("\\\\x") {
        let digits: Vec<u8> =
            hex.bytes().map(|digit| char::from(digit).to_digit(16).unwrap() as u8).collect();
        return Value::Blob(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect());
    }
    if let Ok(number) = text.parse() {
        return Value::Int(number);
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, false) => plain.push(letter),
            _ => plain.push(match letters.next().unwrap() {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            }),
        }
    }
    Value::Text(plain)
}

/// The words of a run that stand in these bytes.
fn words(bytes: &[u8]) -> impl Iterator<Item = String> {
    let starts = bytes.windows(MARK.len()).enumerate().filter(|(_, part)| *part == MARK);
    let whole = starts.filter_map(|(start, _)| bytes.get(start..start + WORD_BYTES));
    whole.filter_map(|word| std::str::from_utf8(word).ok()).map(str::to_owned)
}

/// Words of a run that stand in files under a folder, tables or not.
pub(crate) fn words_in_files(folder: &Path) -> std::collections::HashSet<String> {
    let pattern = format!("zq[0-9a-f]\\{{{}\\}}", WORD_BYTES - MARK.len());
    let found = Command::new("grep").args(["-r", "-a", "-o", "-h", &pattern]).arg(folder).output().unwrap();
    String::from_utf8_lossy(&found.stdout).lines().map(str::to_owned).collect()
}
