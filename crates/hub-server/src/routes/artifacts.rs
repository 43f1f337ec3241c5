//! `/v1/artifacts` and the artifacts of an agent.

mod content;
mod create;
mod forget;
mod list;
mod range;

pub(super) use content::content;
pub(super) use create::create;
pub(super) use forget::forget;
pub(super) use list::list;
