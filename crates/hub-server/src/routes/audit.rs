//! `/v1/agents/{agent_id}/audit`.

mod checkpoint;
mod entries;

pub(super) use checkpoint::checkpoint;
pub(super) use entries::entries;
