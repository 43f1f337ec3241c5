//! `/v1/agents/{agent_id}/tokens` and `/v1/tokens`.

mod create;
mod list;
mod revoke;

pub(super) use create::create;
pub(super) use list::list;
pub(super) use revoke::revoke;
