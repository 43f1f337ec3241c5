//! `/v1/agents/{agent_id}/dead-letters` and `/v1/dead-letters`.

mod list;
mod replay;

pub(super) use list::list;
pub(super) use replay::replay;
