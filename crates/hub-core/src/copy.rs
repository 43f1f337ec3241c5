//! Moves everything from one database to another, of the same kind or not, and shows that it arrived.
//!
//! Rows go agent by agent, table by table, in the order of a key, some hundred in a transaction. How far
//! a copy has come is told by what is there, so one that was interrupted goes on behind the last row that
//! was committed. Until everything was verified the destination carries a mark that keeps every hub from
//! starting on it.
//!
//! | Module | Contents |
//! |---|---|
//! | `tables` | what there is to copy, in the order in which references allow it |
//! | `stretch` | rows of one table of one agent, read and written a stretch at a time |
//! | `mark` | the mark of an unfinished copy |
//! | `source` | what a source must be: at rest, of this program's schema, with a log that holds |
//! | `run` | the copy |
//! | `compare`, `recall` | whether both hold the same, and answer the same |
//! | `report` | what was found |

mod compare;
pub(crate) mod mark;
mod recall;
mod report;
mod run;
mod source;
mod stretch;
mod tables;

use crate::store::{Dialect, Statement};

pub use compare::compare;
pub use report::{AgentHeads, AgentRecall, Comparison, Progress, Stage, TableRows};
pub use run::{Copied, copy};
pub use tables::{REBUILT, Table, tables};

/// Every statement of a copy, by name, for the catalogue.
pub(crate) fn statements(dialect: Dialect) -> Vec<(String, Statement)> {
    let mut all = Vec::new();
    for (concept, fixed) in [("mark", mark::ALL), ("recall", recall::ALL)] {
        all.extend(fixed.iter().map(|(name, statement)| (format!("{concept}::{name}"), statement.clone())));
    }
    all.extend(source::statements(dialect).into_iter().map(|(name, sql)| (format!("source::{name}"), sql)));
    for table in tables() {
        let mut add = |what: &str, statement| all.push((format!("{} {what}", table.name), statement));
        add("count", stretch::assembled(stretch::count_sql(table)));
        add("last", stretch::assembled(stretch::last_sql(table)));
        add("first rows", stretch::assembled(stretch::read_sql(table, false)));
        add("next rows", stretch::assembled(stretch::read_sql(table, true)));
        add("insert", stretch::insert(table).statement(dialect, 1));
    }
    all
}

/// How a copy is verified, and who watches it.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Chooses the memories from whose words questions are made: the same seed asks the same.
    pub seed: u64,
    /// Questions that are asked of each agent on both sides. Default 20.
    pub questions: u32,
    /// Told after each stretch of rows.
    pub watch: &'a (dyn Fn(Progress) + Send + Sync),
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { seed: 1, questions: 20, watch: &|_| {} }
    }
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed, questions, watch: _ } = self;
        f.debug_struct("Options").field("seed", seed).field("questions", questions).finish_non_exhaustive()
    }
}
