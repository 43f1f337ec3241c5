//! `/v1/agents`.

mod create;
mod delete;
mod get;
mod list;
mod status;
mod update;

pub(super) use create::create;
pub(super) use delete::delete;
pub(super) use get::get;
pub(super) use list::list;
pub(super) use status::status;
pub(super) use update::update;
