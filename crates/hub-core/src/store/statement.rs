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

/// An insert of many rows into one table.
#[derive(Debug, Clone, Copy)]
pub struct BulkInsert {
    /// What stands before the rows: the table and its columns, such as `events (agent_id, seq)`, and,
    /// where the rows are not inserted as they come, the head of the query that they go through.
    pub into: &'static str,
    /// Number of columns.
    pub columns: usize,
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

    /// The statement for `rows` rows.
    #[must_use]
    pub fn statement(&self, dialect: Dialect, rows: usize) -> Statement {
        let mut sql = format!("INSERT INTO {} VALUES ", self.into);
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 1..=self.columns {
                if column > 1 {
                    sql.push_str(", ");
                }
                sql.push_str(&dialect.parameter(row * self.columns + column));
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
