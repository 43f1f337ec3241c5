//! Temporary.
mod built_in;
use crate::{Result, audit::Digest, ids::*};
pub(crate) use built_in::built_in;
use hub_protocol::vocabulary::{Effect, Scope};
use serde_json::Value;
use std::sync::Arc;
#[derive(Debug, Clone)]
pub struct ToolManifest {
    pub name: String,
    pub version: String,
    pub description: String,
    pub input_schema: Value,
    pub effect: Effect,
    pub scopes: Vec<Scope>,
    pub timeout_seconds: u32,
    pub idempotent: bool,
}
#[async_trait::async_trait]
pub trait Tool: Send + Sync + std::fmt::Debug {
    fn manifest(&self) -> &ToolManifest;
    async fn run(&self, call: ToolCall) -> Result<Value>;
}
#[derive(Debug, Clone)]
pub struct ToolCall {
    pub agent_id: AgentId,
    pub space_id: SpaceId,
    pub action_id: ActionId,
    pub arguments: Value,
    pub attempt: u32,
    pub idempotency_key: String,
}
#[derive(Debug)]
pub struct RegisteredTool {
    tool: Arc<dyn Tool>,
    digest: Digest,
}
impl RegisteredTool {
    pub fn manifest(&self) -> &ToolManifest {
        self.tool.manifest()
    }
    pub fn digest(&self) -> Digest {
        self.digest
    }
    pub fn check_arguments(&self, _: &Value) -> Result<()> {
        Ok(())
    }
    pub async fn run(&self, c: ToolCall) -> Result<Value> {
        self.tool.run(c).await
    }
}
#[derive(Debug, Default)]
pub struct ToolRegistry {
    tools: std::sync::RwLock<Vec<Arc<RegisteredTool>>>,
}
impl ToolRegistry {
    pub fn register(&self, tool: Arc<dyn Tool>) -> Result<()> {
        let d = Digest::of(tool.manifest().input_schema.to_string().as_bytes());
        if let Ok(mut t) = self.tools.write() {
            t.push(Arc::new(RegisteredTool { tool, digest: d }));
        }
        Ok(())
    }
    pub fn newest(&self, n: &str) -> Option<Arc<RegisteredTool>> {
        self.tools.read().ok()?.iter().find(|t| t.manifest().name == n).cloned()
    }
    pub fn exact(&self, n: &str, v: &str) -> Option<Arc<RegisteredTool>> {
        self.tools.read().ok()?.iter().find(|t| t.manifest().name == n && t.manifest().version == v).cloned()
    }
    pub fn manifests(&self) -> Vec<ToolManifest> {
        self.tools.read().map(|t| t.iter().map(|t| t.manifest().clone()).collect()).unwrap_or_default()
    }
    pub fn longest_timeout(&self) -> std::time::Duration {
        std::time::Duration::from_secs(60)
    }
}
