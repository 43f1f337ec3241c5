//! Actions: proposed side effects, from the proposal to the end of the run.

pub mod binding;
pub(crate) mod decide;
mod grants;
pub mod lifecycle;
pub(crate) mod propose;
pub(crate) mod record;
pub(crate) mod run;
pub(crate) mod withdraw;

pub use binding::Binding;
pub(crate) use record::sources;
pub use record::{Action, Approval};

use crate::store::{ListStatement, Statement};

pub(crate) const STATEMENTS: &[&[(&str, Statement)]] =
    &[decide::ALL, grants::ALL, propose::ALL, record::ALL, run::ALL, withdraw::ALL];
pub(crate) const LISTS: &[&[(&str, ListStatement)]] = &[run::LISTS];
