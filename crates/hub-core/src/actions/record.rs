//! Actions in the store.

use super::binding::Binding;
use crate::audit::{Digest, EntryDraft, salted_digest};
use crate::clock::Timestamp;
use crate::context::{Principal, Scoped};
use crate::ids::{ActionId, EventId, PersonId, SpaceId};
use crate::store::{Row, Tx, declare};
use crate::{Error, Result};
use hub_protocol::vocabulary::{ActionState, Effect, Scope};
use serde_json::Value;

/// A proposed side effect and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Which.
    pub action_id: ActionId,
    /// Where it was asked for.
    pub space_id: SpaceId,
    /// Where it stands.
    pub state: ActionState,
    /// What would run.
    pub tool: String,
    /// In which version.
    pub tool_version: String,
    /// Digest of the tool's manifest at the time of the proposal.
    pub tool_schema_digest: Digest,
    /// With which arguments.
    pub arguments: Value,
    /// What the tool may touch.
    pub scopes: Vec<Scope>,
    /// What it does to the world.
    pub effect: Effect,
    /// Why, in a sentence for the person who decides.
    pub reason: String,
    /// Who proposed it, such as `device:<uuid>` or `worker:planner:rules`.
    pub proposed_by: String,
    /// What it was derived from.
    pub source_event_ids: Vec<EventId>,
    /// Digest of exactly what would run; an approval must name it.
    pub binding_digest: Digest,
    /// Version of the policy under which it was proposed.
    pub policy_version: u64,
    /// Decisions of people.
    pub approvals: Vec<Approval>,
    /// Until when it may be decided and begun.
    pub expires_at: Timestamp,
    /// When it was proposed.
    pub created_at: Timestamp,
    /// What the tool answered.
    pub result: Option<Value>,
    /// Why it did not end well.
    pub problem: Option<Value>,
    pub(crate) salt: [u8; 16],
}

/// A decision of a person about an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who decided.
    pub person_id: PersonId,
    /// `approved` or `rejected`.
    pub decision: String,
    /// What the person was shown.
    pub binding_digest: Digest,
    /// When.
    pub decided_at: Timestamp,
    /// When the approval was used up by the start of the run.
    pub consumed_at: Option<Timestamp>,
}

declare! {
    ONE = "SELECT action_id, space_id, state, tool, tool_version, tool_schema_digest, arguments, scopes, effect, \
           reason, proposed_by, source_event_ids, binding_digest, policy_version, expires_at, created_at, result, \
           problem, salt FROM actions WHERE agent_id = $1 AND action_id = $2";
    OF_DERIVATION = "SELECT action_id FROM actions WHERE agent_id = $1 AND derivation = $2";
    PAGE = "SELECT action_id, space_id, state, tool, tool_version, tool_schema_digest, arguments, scopes, effect, \
            reason, proposed_by, source_event_ids, binding_digest, policy_version, expires_at, created_at, result, \
            problem, salt FROM actions WHERE agent_id = $1 AND (created_at > $2 OR (created_at = $2 AND action_id > $3)) \
            ORDER BY created_at, action_id LIMIT $4";
    PAGE_OF_STATE = "SELECT action_id, space_id, state, tool, tool_version, tool_schema_digest, arguments, scopes, effect, \
            reason, proposed_by, source_event_ids, binding_digest, policy_version, expires_at, created_at, result, \
            problem, salt FROM actions WHERE agent_id = $1 AND state = $5 AND (created_at > $2 OR (created_at = $2 AND action_id > $3)) \
            ORDER BY created_at, action_id LIMIT $4";
    APPROVALS = "SELECT person_id, decision, binding_digest, decided_at, consumed_at FROM approvals \
                 WHERE agent_id = $1 AND action_id = $2 ORDER BY decided_at";
    INSERT = "INSERT INTO actions (agent_id, action_id, space_id, state, tool, tool_version, tool_schema_digest, \
              arguments, scopes, effect, reason, proposed_by, source_event_ids, binding_digest, salt, policy_version, \
              expires_at, created_at, updated_at, derivation) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18, $19)";
    MOVE = "UPDATE actions SET state = $3, updated_at = $4, result = $5, problem = $6 \
            WHERE agent_id = $1 AND action_id = $2 AND state = $7 RETURNING action_id";
}

pub(crate) fn unknown() -> Error {
    Error::not_found("unknown_action", "no such action")
}

pub(crate) fn read(row: &mut Row) -> Result<Action> {
    Ok(Action {
        action_id: row.take(0)?,
        space_id: row.take(1)?,
        state: row.word(2)?,
        tool: row.take(3)?,
        tool_version: row.take(4)?,
        tool_schema_digest: row.take(5)?,
        arguments: row.json(6)?,
        scopes: row.json(7)?,
        effect: row.word(8)?,
        reason: row.take(9)?,
        proposed_by: row.take(10)?,
        source_event_ids: row.json(11)?,
        binding_digest: row.take(12)?,
        policy_version: u64::try_from(row.take::<i64>(13)?).map_err(Error::internal)?,
        expires_at: row.take(14)?,
        created_at: row.take(15)?,
        result: optional(row.take(16)?)?,
        problem: optional(row.take(17)?)?,
        salt: row.take(18)?,
        approvals: Vec::new(),
    })
}

fn optional(text: Option<String>) -> Result<Option<Value>> {
    text.map(|text| serde_json::from_str(&text).map_err(Error::internal)).transpose()
}

/// The action, with the decisions about it.
pub(crate) async fn load(tx: &mut Tx, agent: Scoped, id: ActionId) -> Result<Action> {
    let own = vec![agent.agent_id().into(), id.into()];
    let mut row = tx.row(&ONE, own).await?.ok_or_else(unknown)?;
    let mut action = read(&mut row)?;
    with_approvals(tx, agent, &mut action).await?;
    Ok(action)
}

pub(crate) async fn with_approvals(tx: &mut Tx, agent: Scoped, action: &mut Action) -> Result<()> {
    for mut row in tx.rows(&APPROVALS, vec![agent.agent_id().into(), action.action_id.into()]).await? {
        action.approvals.push(Approval {
            person_id: row.take(0)?,
            decision: row.take(1)?,
            binding_digest: row.take(2)?,
            decided_at: row.take(3)?,
            consumed_at: row.take(4)?,
        });
    }
    Ok(())
}

impl Action {
    /// What exactly would run, from the row as it stands.
    pub(crate) fn binding(&self, agent: Scoped) -> Binding {
        Binding {
            agent_id: agent.agent_id(),
            space_id: self.space_id,
            requester: self.proposed_by.clone(),
            tool: self.tool.clone(),
            tool_version: self.tool_version.clone(),
            tool_schema_digest: self.tool_schema_digest,
            arguments: self.arguments.clone(),
            scopes: self.scopes.clone(),
            policy_version: self.policy_version,
            expires_at: self.expires_at,
        }
    }
}

/// What a transition leaves on the row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(crate) result: Option<Value>,
    pub(crate) problem: Option<Value>,
}

impl Outcome {
    pub(crate) fn problem(code: &str, detail: &str) -> Self {
        Self { result: None, problem: Some(serde_json::json!({ "code": code, "detail": detail })) }
    }
}

/// Moves an action to a state that the machine allows, and records it, in this commit.
pub(crate) async fn transition(
    tx: &mut Tx,
    agent: Scoped,
    principal: &Principal,
    action: &mut Action,
    event: super::lifecycle::Event,
    outcome: Outcome,
) -> Result<()> {
    let from = action.state;
    let to = super::lifecycle::next(from, event)?;
    let text = |value: &Option<Value>| value.as_ref().map(Value::to_string);
    let parameters = vec![
        agent.agent_id().into(),
        action.action_id.into(),
        to.as_str().into(),
        tx.now().into(),
        text(&outcome.result).into(),
        text(&outcome.problem).into(),
        from.as_str().into(),
    ];
    if tx.row(&MOVE, parameters).await?.is_none() {
        return Err(Error::conflict("action_state", "the action has moved on"));
    }
    let mut draft = record(tx, principal, action, to);
    if let Some(code) =
        outcome.problem.as_ref().and_then(|problem| problem.get("code")).and_then(Value::as_str)
    {
        draft = draft.fact("code", code);
    }
    tx.audit(agent, draft).await?;
    action.state = to;
    action.result = outcome.result;
    action.problem = outcome.problem;
    Ok(())
}

/// The log's entry about an action that has come to a state.
pub(crate) fn record(tx: &Tx, principal: &Principal, action: &Action, state: ActionState) -> EntryDraft {
    EntryDraft::new(tx.now(), kind(state), principal)
        .subject("action", action.action_id)
        .fact("space_id", action.space_id.to_string())
        .fact("tool", action.tool.clone())
        .fact("tool_version", action.tool_version.clone())
        .digest("binding", salted_digest(&action.salt, &action.binding_digest.0))
}

fn kind(state: ActionState) -> &'static str {
    match state {
        ActionState::AwaitingApproval => "action.proposed",
        ActionState::Approved => "action.approved",
        ActionState::Running => "action.started",
        ActionState::Done => "action.done",
        ActionState::Failed => "action.failed",
        ActionState::Unknown => "action.unknown",
        ActionState::Denied => "action.denied",
        ActionState::Rejected => "action.rejected",
        ActionState::Cancelled => "action.cancelled",
        ActionState::Expired => "action.expired",
    }
}

/// What an action was derived from.
pub(crate) async fn sources(tx: &mut Tx, agent: Scoped, id: ActionId) -> Result<Vec<EventId>> {
    Ok(load(tx, agent, id).await?.source_event_ids)
}
