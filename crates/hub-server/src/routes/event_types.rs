//! `/v1/agents/{agent_id}/event-types`.

mod get;
mod list;
mod put;

pub(super) use get::get;
pub(super) use list::list;
pub(super) use put::put;
