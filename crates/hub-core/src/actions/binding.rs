//! Temporary.
use crate::{
    Result,
    audit::Digest,
    clock::Timestamp,
    ids::{AgentId, SpaceId},
};
use hub_protocol::vocabulary::Scope;
#[derive(Debug, Clone)]
pub struct Binding {
    pub agent_id: AgentId,
    pub space_id: SpaceId,
    pub requester: String,
    pub tool: String,
    pub tool_version: String,
    pub tool_schema_digest: Digest,
    pub arguments: serde_json::Value,
    pub scopes: Vec<Scope>,
    pub policy_version: u64,
    pub expires_at: Timestamp,
}
impl Binding {
    pub fn digest(&self) -> Result<Digest> {
        Ok(Digest::of(format!("{self:?}").as_bytes()))
    }
}
