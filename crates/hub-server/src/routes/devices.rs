//! `/v1/agents/{agent_id}/devices` and `/v1/devices`.

mod create;
mod get;
mod list;
mod revoke;
mod rotate;
mod update;

pub(super) use create::create;
pub(super) use get::get;
pub(super) use list::list;
pub(super) use revoke::revoke;
pub(super) use rotate::rotate;
pub(super) use update::update;
