//! The port through which actions reach the world.

use super::manifest::ToolManifest;
use crate::Result;
use crate::ids::{ActionId, AgentId, SpaceId};
use serde_json::Value;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// One run of a tool: an approved action, as it was approved.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// Whose action.
    pub agent_id: AgentId,
    /// Where it was proposed.
    pub space_id: SpaceId,
    /// Which action.
    pub action_id: ActionId,
    /// As the tool's schema demands.
    pub arguments: Value,
    /// Which attempt this is, from 1; more than one only for a tool that is idempotent.
    pub attempt: u32,
    /// The same for each attempt at this action and for no other action; for services that take one.
    pub idempotency_key: String,
}

/// Something that can carry out an action.
#[async_trait::async_trait]
pub trait Tool: Send + Sync + fmt::Debug {
    /// What the tool says of itself; read once, when it is registered.
    fn manifest(&self) -> &ToolManifest;

    /// Runs. The future is dropped when the manifest's time is over.
    ///
    /// # Errors
    /// Whatever kept it from its work; code and message are kept with the action and shown to
    /// people, what is linked as the cause is not. A tool that is not idempotent answers the code
    /// `outcome_unknown` when it does not know whether it did its work: a person then says.
    async fn run(&self, call: ToolCall) -> Result<Value>;
}

type Running = Pin<Box<dyn Future<Output = Result<Value>> + Send>>;

/// A tool made of a closure of the host program.
pub struct FnTool {
    manifest: ToolManifest,
    run: Box<dyn Fn(ToolCall) -> Running + Send + Sync>,
}

impl FnTool {
    /// A tool that runs `run`.
    pub fn new<F, R>(manifest: ToolManifest, run: F) -> Self
    where
        F: Fn(ToolCall) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Value>> + Send + 'static,
    {
        Self { manifest, run: Box::new(move |call| Box::pin(run(call))) }
    }
}

impl fmt::Debug for FnTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnTool").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Tool for FnTool {
    fn manifest(&self) -> &ToolManifest {
        &self.manifest
    }

    async fn run(&self, call: ToolCall) -> Result<Value> {
        (self.run)(call).await
    }
}
