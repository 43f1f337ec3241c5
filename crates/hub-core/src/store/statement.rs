//! Statements: SQL that is written once, in the subset that every executor understands.

use super::dialect::Dialect;
use std::sync::Arc;

/// One statement. Parameters are `$1`, `$2`, …
#[derive(Debug, Clone)]
pub struct Statement {
    /// The SQL.
    pub sql: Sql,
}

/// SQL that stands in the program, or that was assembled from pieces that do.
#[derive(Debug, Clone)]
pub enum Sql {
    /// Written in the program.
    Fixed(&'static str),
    /// Assembled: a list of parameters or rows of a given length.
    Assembled(Arc<str>),
}

impl Statement {
    /// A statement that is written in the program.
    #[must_use]
    pub const fn new(sql: &'static str) -> Self {
        Self { sql: Sql::Fixed(sql) }
    }

    /// The SQL as text.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.sql {
            Sql::Fixed(sql) => sql,
            Sql::Assembled(sql) => sql,
        }
    }
}

/// Lengths to which lists of parameters are padded, so that few statements are prepared.
const LADDER: [usize; 10] = [1, 4, 16, 32, 64, 128, 256, 512, 768, 1_024];

/// A statement with one list of parameters, such as `… IN (…)`; `{}` stands for the list.
#[derive(Debug, Clone, Copy)]
pub struct ListStatement {
    /// The SQL with `{}` for the list.
    pub sql: &'static str,
    /// Parameters before the list.
    pub before: usize,
}

impl ListStatement {
    /// Longest list that one execution takes.
    pub const LONGEST: usize = 1_024;

    /// The statement for a list of `length`, and the length to pad the list to by repeating its
    /// last value. Parameters before the list stand in the SQL once each, in their order.
    #[must_use]
    pub fn of_length(self, dialect: Dialect, length: usize) -> (Statement, usize) {
        let padded = LADDER.into_iter().find(|step| *step >= length).unwrap_or(Self::LONGEST);
        let list: Vec<String> = (1..=padded).map(|n| dialect.parameter(self.before + n)).collect();
        let mut sql = self.sql.replace("{}", &list.join(", "));
        for n in 1..=self.before {
            sql = sql.replace(&format!("${n}"), &dialect.parameter(n));
        }
        (Statement { sql: Sql::Assembled(sql.into()) }, padded)
    }
}

/// A question about rows that go along with it, such as pairs of an agent and one of its events; `{rows}`
/// stands for them, as a table `w` with the columns `column1`, `column2`, …. Things of a hundred agents are
/// found as those of one.
#[derive(Debug, Clone, Copy)]
pub struct JoinStatement {
    /// The SQL with `{rows}` where the table stands.
    pub sql: &'static str,
    /// The types of its columns, as in [`BulkInsert::types`].
    pub types: &'static str,
    /// The rows of another table that are held.
    pub lock: Lock,
}

/// Which rows are held until the transaction ends, where a database holds rows by locks of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// None.
    None,
    /// Those of this table, as the SQL calls it; others may hold them too.
    Share(&'static str),
    /// Those of this table, as the SQL calls it, and nobody else does.
    Update(&'static str),
}

impl JoinStatement {
    /// Most rows that one execution takes.
    pub const MOST: usize = ListStatement::LONGEST;

    /// The statement for so many rows, and the number to pad them to by repeating the last.
    #[must_use]
    pub fn of_length(self, dialect: Dialect, length: usize) -> (Statement, usize) {
        let padded = LADDER.into_iter().find(|step| *step >= length).unwrap_or(Self::MOST);
        let rows = match dialect {
            Dialect::Sqlite => {
                let row = format!("({})", vec!["?"; self.types.len()].join(", "));
                format!("(VALUES {}) AS w", vec![row; padded].join(", "))
            }
            #[cfg(feature = "postgres")]
            Dialect::Postgres => {
                let columns: Vec<String> = (1..=self.types.len()).map(|n| format!("column{n}")).collect();
                format!("unnest({}) AS w ({})", arrays(self.types, 0), columns.join(", "))
            }
        };
        let mut sql = self.sql.replace("{rows}", &rows);
        if dialect.locks_rows() {
            match self.lock {
                Lock::None => {}
                Lock::Share(table) => sql += &format!(" FOR SHARE OF {table}"),
                Lock::Update(table) => sql += &format!(" FOR UPDATE OF {table}"),
            }
        }
        (Statement { sql: Sql::Assembled(sql.into()) }, padded)
    }
}

/// Parameters that are arrays, one for each column, counted from behind `before`.
#[cfg(feature = "postgres")]
fn arrays(types: &str, before: usize) -> String {
    let array = |(column, kind): (usize, char)| {
        let kind = match kind {
            'b' => "bytea",
            'i' => "bigint",
            'r' => "float8",
            _ => "text",
        };
        format!("${}::{kind}[]", before + column + 1)
    };
    types.chars().enumerate().map(array).collect::<Vec<_>>().join(", ")
}

/// An insert of many rows into one table.
#[derive(Debug, Clone, Copy)]
pub struct BulkInsert {
    /// What stands before the rows: the table and its columns, such as `events (agent_id, seq)`, and,
    /// where the rows are not inserted as they come, the head of the query that they go through.
    pub into: &'static str,
    /// The type of each column, a letter each: `b` bytes, `i` an integer, `r` a real number, `t` text.
    pub types: &'static str,
    /// What follows the rows, such as `ON CONFLICT DO NOTHING`, or the rest of that query.
    pub tail: &'static str,
}

impl BulkInsert {
    /// Rows that one statement takes at most.
    pub const MOST: usize = 512;
    /// Up to here every number of rows is a statement of its own; beyond, powers of two are, so
    /// that few long statements are prepared.
    const EACH: usize = 64;

    /// How many of `left` rows the next statement takes.
    #[must_use]
    pub fn step(left: usize) -> usize {
        if left <= Self::EACH { left } else { Self::MOST.min(1 << left.ilog2()) }
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &'static str {
        self.into.split(' ').next().unwrap_or_default()
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.types.len()
    }

    /// The statement for `rows` rows: of each row a parameter for each column or, where the dialect has
    /// arrays, of each column one with all its values.
    #[must_use]
    pub fn statement(&self, dialect: Dialect, rows: usize) -> Statement {
        match dialect {
            Dialect::Sqlite => self.of_rows(dialect, rows),
            #[cfg(feature = "postgres")]
            Dialect::Postgres => Statement { sql: Sql::Assembled(self.of_arrays(0).into()) },
        }
    }

    /// The insert of arrays, whose parameters are counted from behind `before`.
    #[cfg(feature = "postgres")]
    pub(crate) fn of_arrays(&self, before: usize) -> String {
        // What the rows go through before they are inserted takes them as they are.
        let all = if self.into.ends_with("FROM") { "" } else { " SELECT * FROM" };
        format!("INSERT INTO {}{all} unnest({}) {}", self.into, arrays(self.types, before), self.tail)
    }

    fn of_rows(&self, dialect: Dialect, rows: usize) -> Statement {
        let mut sql = format!("INSERT INTO {} VALUES ", self.into);
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 1..=self.columns() {
                if column > 1 {
                    sql.push_str(", ");
                }
                sql.push_str(&dialect.parameter(row * self.columns() + column));
            }
            sql.push(')');
        }
        sql.push(' ');
        sql.push_str(self.tail);
        Statement { sql: Sql::Assembled(sql.into()) }
    }
}

/// Declares the statements of one concept and the list through which tests prepare each of them.
macro_rules! declare {
    ($($(#[$meta:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$meta])* pub(crate) const $name: crate::store::Statement = crate::store::Statement::new($sql);)+
        /// Every fixed statement of this concept, by name.
        pub(crate) const ALL: &[(&str, crate::store::Statement)] = &[$((stringify!($name), $name)),+];
    };
}
pub(crate) use declare;
