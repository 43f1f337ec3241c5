//! The contract of the store, for any executor. An executor that passes can carry a hub.
//!
//! One line runs the whole suite, a test for each rule; `fresh` answers an empty database:
//!
//! ```text
//! hub_core::store_conformance!(sqlite, fresh);
//! ```

mod constraints;
mod full_text;
mod islands;
mod leases;
mod lists;
mod migrations;
mod transactions;
mod values;

pub use constraints::*;
pub use full_text::*;
pub use islands::*;
pub use leases::*;
pub use lists::*;
pub use migrations::*;
pub use transactions::*;
pub use values::*;

use crate::clock::Timestamp;
use crate::ids::AgentId;
use crate::store::migrate::{Migration, migrate};
use crate::store::{Dialect, Executor, Intent, Reach, Row, Statement, Transaction, Value};
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// An empty database, and what must live as long as it does, such as its folder.
pub struct Database {
    /// Speaks to it.
    pub executor: Arc<dyn Executor>,
    /// The hub's migrations for it.
    pub steps: &'static [Migration],
    _kept: Box<dyn Any + Send + Sync>,
}

impl Database {
    /// A database that keeps `kept` until it is dropped.
    pub fn new(
        executor: Arc<dyn Executor>,
        steps: &'static [Migration],
        kept: impl Any + Send + Sync,
    ) -> Self {
        Self { executor, steps, _kept: Box::new(kept) }
    }

    async fn begin(&self, intent: Intent) -> Box<dyn Transaction> {
        self.executor.begin(intent, &agents()).await.unwrap()
    }

    /// With a table for tests: an id, one column of each type, and every kind of constraint.
    async fn with_table(self) -> Self {
        let database = self.with_schema().await;
        let sql = match database.executor.dialect() {
            Dialect::Sqlite => {
                "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, i INTEGER, r REAL, s TEXT UNIQUE, b BLOB, \
                 CHECK (i IS NULL OR i <> 13)) STRICT; \
                 CREATE TABLE child (id INTEGER NOT NULL PRIMARY KEY, t INTEGER NOT NULL REFERENCES t (id)) STRICT;"
            }
            #[cfg(feature = "postgres")]
            Dialect::Postgres => {
                // Text longer than a third of a page cannot be indexed: its digest stands for it.
                "CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, i BIGINT, r DOUBLE PRECISION, s TEXT, \
                 b BYTEA, CHECK (i IS NULL OR i <> 13)); CREATE UNIQUE INDEX t_s ON t (md5(s)); \
                 CREATE TABLE child (id BIGINT NOT NULL PRIMARY KEY, t BIGINT NOT NULL REFERENCES t (id));"
            }
        };
        let mut tx = database.begin(Intent::Migrate).await;
        tx.script(sql).await.unwrap();
        tx.commit().await.unwrap();
        database
    }

    /// With the hub's schema.
    async fn with_schema(self) -> Self {
        migrate(self.executor.as_ref(), self.steps, Timestamp(1)).await.unwrap();
        self
    }

    /// Number of rows in the table for tests, as a transaction of its own sees it.
    async fn count(&self) -> i64 {
        let mut tx = self.begin(Intent::Read).await;
        let count = count(tx.as_mut()).await;
        tx.rollback().await.unwrap();
        count
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("executor", &self.executor).finish_non_exhaustive()
    }
}

/// The agents of the rules.
fn agents() -> Reach {
    let islands = [1, 2, 9].map(|whose: u8| u128::from(whose) << 120);
    let workers = u128::from_be_bytes([7; 16]);
    Reach::of(islands.into_iter().chain([workers]).map(|id| AgentId(Uuid::from_u128(id))))
}

const COUNT: Statement = Statement::new("SELECT count(*) FROM t");
const INSERT: Statement = Statement::new("INSERT INTO t (id, i) VALUES ($1, $2)");

async fn count(tx: &mut dyn Transaction) -> i64 {
    one(tx, &COUNT, vec![]).await.take(0).unwrap()
}

async fn insert(tx: &mut dyn Transaction, id: i64) -> crate::Result<()> {
    tx.query(&INSERT, vec![id.into(), id.into()]).await.map(|_| ())
}

async fn one(tx: &mut dyn Transaction, statement: &Statement, parameters: Vec<Value>) -> Row {
    let mut rows = tx.query(statement, parameters).await.unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

/// A test for each rule of the contract, in a module `$name`. `$fresh` is a function that answers
/// a future of a [`Database`], or of an `Option` of one: where there is no such database the rules
/// pass, and it is for `$fresh` to say so. The crate needs `tokio` with the features `macros` and `rt`.
#[macro_export]
macro_rules! store_conformance {
    ($name:ident, $fresh:ident) => {
        $crate::store_conformance! { $name, $fresh,
            a_commit_is_seen_and_a_rollback_is_not
            a_dropped_transaction_is_rolled_back
            readers_do_not_see_what_is_not_committed
            a_reader_keeps_the_state_that_it_began_with
            writers_take_turns
            a_savepoint_undoes_its_part_alone
            every_value_comes_back_as_it_went_in
            bulk_inserts_of_any_length_arrive_whole
            a_bulk_insert_that_fails_inserts_nothing
            lists_of_any_length_find_their_rows
            a_breach_of_a_constraint_is_an_error_and_the_transaction_goes_on
            migrating_again_changes_nothing
            programs_that_start_at_once_migrate_once
            a_newer_schema_is_refused
            a_changed_migration_is_refused
            looking_for_lacking_migrations_changes_nothing
            every_statement_prepares
            a_statement_that_is_none_does_not_prepare
            ids_of_callers_coexist_in_two_agents
            no_reference_crosses_agents
            documents_are_found_by_their_terms_until_taken_out
            claims_at_the_same_time_share_no_job
            a_lease_that_was_taken_over_is_good_for_nothing
            one_lost_lease_ends_none_of_its_jobs
            a_job_that_fails_rests_and_is_given_up
            a_job_that_comes_in_behind_the_last_look_is_found_within_a_second
            all_jobs_behind_the_last_look_are_found_by_one_full_look
            a_lease_that_runs_out_is_seen_by_the_next_look
            what_a_clock_that_was_set_back_left_ahead_is_due
            a_job_that_nobody_takes_from_ahead_keeps_none_waiting
            nothing_begins_after_shutdown
        }
    };
    ($name:ident, $fresh:ident, $($rule:ident)+) => {
        mod $name {
            $(
                #[tokio::test]
                async fn $rule() {
                    let fresh: Option<$crate::testkit::conformance::Database> = super::$fresh().await.into();
                    if let Some(database) = fresh {
                        $crate::testkit::conformance::$rule(database).await;
                    }
                }
            )+
        }
    };
}
