#![allow(clippy::unwrap_used)]

use super::*;
use crate::ids::{ActionId, AgentId, SpaceId};
use crate::tools::FnTool;
use hub_protocol::vocabulary::Effect;
use serde_json::json;
use uuid::Uuid;

fn tool(name: &str, version: &str, timeout_seconds: u32) -> Arc<dyn Tool> {
    let manifest = ToolManifest {
        name: name.to_owned(),
        version: version.to_owned(),
        description: "Echoes.".to_owned(),
        input_schema: json!({"type": "object", "required": ["text"]}),
        effect: Effect::Read,
        scopes: Vec::new(),
        timeout_seconds,
        idempotent: true,
    };
    Arc::new(FnTool::new(manifest, |call| async move { Ok(json!([call.attempt, call.arguments])) }))
}

fn call(arguments: Value) -> ToolCall {
    ToolCall {
        agent_id: AgentId(Uuid::nil()),
        space_id: SpaceId(Uuid::nil()),
        action_id: ActionId(Uuid::nil()),
        arguments,
        attempt: 1,
        idempotency_key: "key".to_owned(),
    }
}

#[test]
fn name_and_version_are_taken_once() {
    let registry = ToolRegistry::default();
    assert_eq!(registry.longest_timeout(), Duration::ZERO);
    for version in ["1.2.0", "1.10.0", "1.10.0-beta"] {
        registry.register(tool("echo", version, 5)).unwrap();
    }
    registry.register(tool("other", "1.2.0", 7)).unwrap();
    assert_eq!(registry.register(tool("echo", "1.2.0", 5)).unwrap_err().code(), "tool_registered");
    assert_eq!(registry.register(tool("Echo", "1.2.0", 5)).unwrap_err().code(), "malformed_tool");

    assert_eq!(registry.newest("echo").unwrap().manifest().version, "1.10.0");
    assert_eq!(registry.exact("echo", "1.2.0").unwrap().manifest().version, "1.2.0");
    assert!(registry.exact("echo", "1.3.0").is_none());
    assert!(registry.exact("echo", "nonsense").is_none());
    assert!(registry.newest("absent").is_none());
    assert_eq!(registry.longest_timeout(), Duration::from_secs(7));
    let names: Vec<String> =
        registry.manifests().into_iter().map(|m| format!("{}@{}", m.name, m.version)).collect();
    assert_eq!(names, ["echo@1.2.0", "echo@1.10.0-beta", "echo@1.10.0", "other@1.2.0"]);
}

#[tokio::test]
async fn a_closure_runs_with_arguments_that_fit_only() {
    let registry = ToolRegistry::default();
    registry.register(tool("echo", "1.0.0", 5)).unwrap();
    let echo = registry.newest("echo").unwrap();
    assert_eq!(echo.run(call(json!({"text": "x"}))).await.unwrap(), json!([1, {"text": "x"}]));
    assert_eq!(echo.run(call(json!({}))).await.unwrap_err().code(), "arguments_schema");
    assert_eq!(echo.digest(), echo.manifest().schema_digest().unwrap());
}
