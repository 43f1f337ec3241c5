//! A tool of the host.

use super::HostFailure;
use hub_core::protocol::decode::decode;
use hub_core::tools::{FnTool, Tool, ToolCall, ToolManifest};
use hub_core::vocabulary::{Effect, Scope};
use hub_core::{Error, Result, wire};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Runs in the host's language.
#[async_trait::async_trait]
pub trait HostTool: Send + Sync + 'static {
    /// Runs once. `call` is JSON: `agent_id`, `space_id`, `action_id`, `arguments`, `attempt`,
    /// `idempotency_key`. The answer is JSON too. The future is dropped when the time is over.
    ///
    /// # Errors
    /// Whatever kept it from its work.
    async fn run(&self, call: String) -> Result<String, HostFailure>;
}

/// What a tool says of itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    name: String,
    version: String,
    description: String,
    input_schema: Value,
    #[serde(default = "external")]
    effect: Effect,
    #[serde(default)]
    scopes: Vec<Scope>,
    #[serde(default = "half_a_minute")]
    timeout_seconds: u32,
    #[serde(default)]
    idempotent: bool,
}

fn external() -> Effect {
    Effect::External
}

fn half_a_minute() -> u32 {
    30
}

/// The tool of a manifest in JSON. `effect` is `external`, `timeout_seconds` 30, `idempotent` false and
/// `scopes` empty where they are left out.
pub(crate) fn foreign_tool(manifest: &str, tool: Arc<dyn HostTool>) -> Result<Arc<dyn Tool>> {
    let said: Manifest = decode(manifest.as_bytes()).map_err(wire::undecodable)?;
    let manifest = ToolManifest {
        name: said.name,
        version: said.version,
        description: said.description,
        input_schema: said.input_schema,
        effect: said.effect,
        scopes: said.scopes,
        timeout_seconds: said.timeout_seconds,
        idempotent: said.idempotent,
    };
    Ok(Arc::new(FnTool::new(manifest, move |call| {
        let tool = tool.clone();
        async move { run(tool.as_ref(), call).await }
    })))
}

async fn run(tool: &dyn HostTool, call: ToolCall) -> Result<Value> {
    let call = json!({
        "agent_id": call.agent_id.0,
        "space_id": call.space_id.0,
        "action_id": call.action_id.0,
        "arguments": call.arguments,
        "attempt": call.attempt,
        "idempotency_key": call.idempotency_key,
    });
    let answer = tool.run(call.to_string()).await;
    let answer = answer.map_err(|failure| Error::new(failure.kind(), "tool_failed", failure.message))?;
    serde_json::from_str(&answer).map_err(|_| Error::invalid("tool_failed", "the tool's answer is not JSON"))
}
