//! `/v1/agents/{agent_id}/people` and `/v1/people`.

mod create;
mod delete;
mod get;
mod list;
mod update;

pub(super) use create::create;
pub(super) use delete::delete;
pub(super) use get::get;
pub(super) use list::list;
pub(super) use update::update;
