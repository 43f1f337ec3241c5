//! Actions: proposed side effects, from the proposal to the end of the run.

pub mod binding;
pub(crate) mod decide;
pub(crate) mod grants;
pub mod lifecycle;
pub(crate) mod propose;
pub(crate) mod record;
pub(crate) mod run;
pub(crate) mod traced;
pub(crate) mod withdraw;

pub use binding::Binding;
pub(crate) use record::sources;
pub use record::{Action, Approval};
