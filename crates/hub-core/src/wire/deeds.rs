//! Actions, tools, memories, artifacts, and the log.

use super::count;
use crate::actions;
use crate::artifacts;
use crate::hub::audit::{Checkpoint, LogEntry};
use crate::ids::AgentId;
use crate::memory;
use crate::tools::ToolManifest;
use crate::{Error, Result};
use hub_protocol as wire;
use serde_json::Value;

/// A memory of this agent.
#[must_use]
pub fn memory(agent: AgentId, memory: memory::Memory) -> wire::memories::Memory {
    wire::memories::Memory {
        memory_id: memory.memory_id.0,
        agent_id: agent.0,
        space_id: memory.space_id.0,
        tier: memory.tier,
        content: memory.content,
        person_id: memory.person_id.map(|id| id.0),
        predicate: memory.predicate,
        confidence: memory.confidence,
        occurred_at: memory.occurred_at.to_string(),
        source_event_ids: memory.source_event_ids.into_iter().map(|id| id.0).collect(),
        created_at: memory.created_at.to_string(),
    }
}

/// An artifact.
#[must_use]
pub fn artifact(artifact: artifacts::Artifact) -> wire::artifacts::Artifact {
    wire::artifacts::Artifact {
        artifact_id: artifact.artifact_id.0,
        agent_id: artifact.agent_id.0,
        space_id: artifact.space_id.0,
        device_id: artifact.device_id.map(|id| id.0),
        digest: artifact.digest.to_string(),
        size: artifact.size,
        media_type: artifact.media_type,
        person_ids: artifact.person_ids.into_iter().map(|id| id.0).collect(),
        occurred_at: artifact.occurred_at.to_string(),
        ended_at: artifact.ended_at.to_string(),
        created_at: artifact.created_at.to_string(),
    }
}

/// An action of this agent.
#[must_use]
pub fn action(agent: AgentId, action: actions::Action) -> wire::actions::Action {
    wire::actions::Action {
        action_id: action.action_id.0,
        agent_id: agent.0,
        space_id: action.space_id.0,
        state: action.state,
        tool: action.tool,
        tool_version: action.tool_version,
        tool_schema_digest: action.tool_schema_digest.to_string(),
        arguments: match action.arguments {
            Value::Object(arguments) => arguments,
            _ => serde_json::Map::new(),
        },
        scopes: action.scopes,
        effect: action.effect,
        reason: action.reason,
        proposed_by: action.proposed_by,
        source_event_ids: action.source_event_ids.into_iter().map(|id| id.0).collect(),
        binding_digest: action.binding_digest.to_string(),
        policy_version: action.policy_version,
        approvals: action.approvals.into_iter().map(approval).collect(),
        expires_at: action.expires_at.to_string(),
        created_at: action.created_at.to_string(),
        result: action.result,
        problem: action.problem.as_ref().map(problem),
    }
}

fn approval(approval: actions::Approval) -> wire::actions::Approval {
    wire::actions::Approval {
        person_id: approval.person_id.0,
        decision: approval.decision,
        binding_digest: approval.binding_digest.to_string(),
        decided_at: approval.decided_at.to_string(),
        consumed_at: approval.consumed_at.map(|time| time.to_string()),
    }
}

/// An action ends once, so what ended it is never to be tried again.
fn problem(problem: &Value) -> wire::problem::PartProblem {
    let text = |name: &str| problem.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    wire::problem::PartProblem {
        code: text("code"),
        detail: text("detail"),
        retryable: false,
        field: None,
        limit: None,
    }
}

/// What a tool says of itself.
///
/// # Errors
/// As [`ToolManifest::schema_digest`].
pub fn tool(tool: ToolManifest) -> Result<wire::tools::Tool> {
    Ok(wire::tools::Tool {
        tool_schema_digest: tool.schema_digest()?.to_string(),
        tool: tool.name,
        tool_version: tool.version,
        description: tool.description,
        arguments_schema: tool.input_schema,
        effect: tool.effect,
        scopes: tool.scopes,
        timeout_ms: u64::from(tool.timeout_seconds) * 1_000,
        idempotent: tool.idempotent,
    })
}

/// An entry of the log.
///
/// # Errors
/// `internal` when it is no JSON.
pub fn log_entry(entry: LogEntry) -> Result<wire::audit::AuditEntry> {
    let inner: Value = serde_json::from_str(&entry.entry).map_err(Error::internal)?;
    let previous = inner.get("previous").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(wire::audit::AuditEntry {
        sequence: count(entry.seq)?,
        hash: entry.hash.to_string(),
        previous_hash: previous,
        entry: inner,
    })
}

/// Where the log of this agent ends.
///
/// # Errors
/// `internal` for a size that the database cannot have given.
pub fn checkpoint(agent: AgentId, checkpoint: Checkpoint) -> Result<wire::audit::AuditCheckpoint> {
    Ok(wire::audit::AuditCheckpoint {
        agent_id: agent.0,
        size: count(checkpoint.size)?,
        head: checkpoint.hash.to_string(),
    })
}
