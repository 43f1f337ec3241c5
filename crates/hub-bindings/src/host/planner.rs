//! A planner of the host.

use super::HostFailure;
use hub_core::planner::{Meter, Plan, Planner, ProposedAction, ProposedMemory, Window};
use hub_core::protocol::decode::decode;
use hub_core::{Error, Result, wire};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// Plans in the host's language.
#[async_trait::async_trait]
pub trait HostPlanner: Send + Sync + 'static {
    /// Plans one window. `window` is JSON: `agent_id`, `space_id`, `window_id`, `language`, `time_zone`,
    /// `people` (`person_id`, `name`) and `utterances` (`event_id`, `person_id`, `speaker`, `role`, `text`,
    /// `occurred_at`). The answer is JSON: `memories` (`content`, `predicate`, `person_id`, `confidence`,
    /// `source_event_ids`) and `actions` (`tool`, `arguments`, `reason`, `source_event_ids`); what is left
    /// out is empty.
    ///
    /// # Errors
    /// Whatever kept it from its work; one that is not retryable makes the window a dead letter.
    async fn plan(&self, window: String) -> Result<String, HostFailure>;
}

/// The port of the core before a planner of the host.
pub(crate) struct ForeignPlanner {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) planner: Arc<dyn HostPlanner>,
}

impl fmt::Debug for ForeignPlanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForeignPlanner").field("name", &self.name).finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Planner for ForeignPlanner {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> &str {
        &self.version
    }

    async fn plan(&self, window: Window, _meter: &Meter) -> Result<Plan> {
        let answer = self.planner.plan(shown(&window).to_string()).await;
        let answer =
            answer.map_err(|failure| Error::new(failure.kind(), "planner_failed", failure.message))?;
        let plan: Proposal = decode(answer.as_bytes()).map_err(wire::undecodable)?;
        Ok(plan.into())
    }
}

fn shown(window: &Window) -> Value {
    let people =
        window.people.iter().map(|person| json!({"person_id": person.person_id.0, "name": person.name}));
    let utterances = window.utterances.iter().map(|utterance| {
        json!({
            "event_id": utterance.event_id.0,
            "person_id": utterance.person_id.map(|id| id.0),
            "speaker": utterance.speaker,
            "role": utterance.role,
            "text": utterance.text,
            "occurred_at": utterance.occurred_at.to_string(),
        })
    });
    json!({
        "agent_id": window.agent_id.0,
        "space_id": window.space_id.0,
        "window_id": window.window_id.0,
        "language": window.language,
        "time_zone": window.time_zone,
        "people": people.collect::<Vec<_>>(),
        "utterances": utterances.collect::<Vec<_>>(),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Proposal {
    memories: Vec<Memory>,
    actions: Vec<Action>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Memory {
    content: String,
    predicate: String,
    #[serde(default)]
    person_id: Option<Uuid>,
    confidence: f64,
    source_event_ids: Vec<Uuid>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Action {
    tool: String,
    arguments: Map<String, Value>,
    reason: String,
    source_event_ids: Vec<Uuid>,
}

impl From<Proposal> for Plan {
    fn from(proposal: Proposal) -> Self {
        let memories = proposal.memories.into_iter().map(|memory| ProposedMemory {
            content: memory.content,
            predicate: memory.predicate,
            person_id: memory.person_id.map(Into::into),
            confidence: memory.confidence,
            source_event_ids: memory.source_event_ids.into_iter().map(Into::into).collect(),
        });
        let actions = proposal.actions.into_iter().map(|action| ProposedAction {
            tool: action.tool,
            arguments: Value::Object(action.arguments),
            reason: action.reason,
            source_event_ids: action.source_event_ids.into_iter().map(Into::into).collect(),
        });
        Self { memories: memories.collect(), actions: actions.collect() }
    }
}
