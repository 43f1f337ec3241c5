//! `/v1/agents/{agent_id}/memories` and `/v1/memories`.

mod create;
mod forget;
mod get;
mod list;
mod update;

pub(super) use create::create;
pub(super) use forget::forget;
pub(super) use get::get;
pub(super) use list::list;
pub(super) use update::update;
