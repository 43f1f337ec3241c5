//! Proposing: whoever proposes, the same checks.

use super::binding::Binding;
use super::lifecycle::Event;
use super::record::{Action, INSERT, OF_DERIVATION, ONE, Outcome, load, record, transition};
use super::traced;
use crate::canonical::canonical;
use crate::clock::Timestamp;
use crate::context::{Context, Scoped};
use crate::ids::{ActionId, EventId, SpaceId};
use crate::queue::{self, Queue};
use crate::schema::check_json;
use crate::store::{Tx, declare};
use crate::text::without_nul;
use crate::tools::ToolRegistry;
use crate::trace::{self, TARGET, TraceContext};
use crate::{Error, Result};
use hub_protocol::limits;
use hub_protocol::vocabulary::{ActionState, Effect};
use serde_json::Value;
use std::time::Duration;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

/// The built-in policy: reading is allowed, everything else is asked of a person.
const POLICY_VERSION: u64 = 0;

declare! {
    SPACE = "SELECT privacy_mode FROM spaces WHERE agent_id = $1 AND space_id = $2 AND deleted_at IS NULL";
}

/// A side effect that somebody proposes.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    /// The caller's id for it; proposing the same again with the same id finds it.
    pub(crate) action_id: Option<ActionId>,
    pub(crate) space_id: SpaceId,
    pub(crate) tool: String,
    pub(crate) arguments: Value,
    pub(crate) reason: String,
    pub(crate) source_event_ids: Vec<EventId>,
    /// What a planner derived it from; deriving it again finds it.
    pub(crate) derivation: Option<[u8; 32]>,
    /// The traces by which its sources came in.
    pub(crate) traces: Vec<TraceContext>,
}

/// Checks a proposal and writes it, or finds the one that was written before.
pub(crate) async fn propose(
    tx: &mut Tx,
    agent: Scoped,
    context: &Context,
    tools: &ToolRegistry,
    proposal: Proposal,
    expiry: Duration,
) -> Result<Action> {
    let span = tracing::info_span!(
        target: TARGET, "propose", hub.action_id = Empty, "gen_ai.tool.name" = Empty, hub.effect = Empty,
        "error.type" = Empty, otel.status_code = Empty
    );
    let traces = tx.traces();
    proposal.traces.iter().for_each(|source| traces.link(&span, *source));
    let proposed = checked(tx, agent, context, tools, proposal, expiry).instrument(span.clone()).await;
    if let Ok(action) = &proposed {
        // Of a tool that there is: any other name would be the caller's words.
        span.record("gen_ai.tool.name", action.tool.as_str());
        span.record("hub.action_id", tracing::field::display(action.action_id));
        span.record("hub.effect", action.effect.as_str());
    }
    trace::ended(&span, &proposed);
    proposed
}

async fn checked(
    tx: &mut Tx,
    agent: Scoped,
    context: &Context,
    tools: &ToolRegistry,
    proposal: Proposal,
    expiry: Duration,
) -> Result<Action> {
    if let Some(derivation) = proposal.derivation
        && let Some(mut row) =
            tx.row(&OF_DERIVATION, vec![agent.agent_id().into(), derivation.into()]).await?
    {
        return load(tx, agent, row.take(0)?).await;
    }
    let action = new_action(tx, agent, context, tools, &proposal, expiry)?;
    if proposal.action_id.is_some()
        && tx.row(&ONE, vec![agent.agent_id().into(), action.action_id.into()]).await?.is_some()
    {
        return the_same(load(tx, agent, action.action_id).await?, &action);
    }
    let space = tx.row(&SPACE, vec![agent.agent_id().into(), proposal.space_id.into()]).await?;
    let unknown = || Error::not_found("unknown_space", "no such space").field("space_id");
    if space.ok_or_else(unknown)?.take::<bool>(0)? {
        return Err(Error::denied("space_private", "the space is private: nothing is proposed there"));
    }
    insert(tx, agent, &action, proposal.derivation).await?;
    traced::keep(tx, agent, action.action_id, &Span::current());
    let draft = record(tx, &context.principal, &action, ActionState::AwaitingApproval);
    tx.audit(agent, draft).await?;
    let mut action = action;
    if action.effect == Effect::Read {
        transition(tx, agent, &context.principal, &mut action, Event::Approve, Outcome::default()).await?;
        queue::enqueue(tx, agent, vec![(Queue::Tools, action.action_id.0)]);
    }
    Ok(action)
}

/// Checks everything that needs no row, and binds it.
fn new_action(
    tx: &mut Tx,
    agent: Scoped,
    context: &Context,
    tools: &ToolRegistry,
    proposal: &Proposal,
    expiry: Duration,
) -> Result<Action> {
    let tool = tools.newest(&proposal.tool).ok_or_else(|| {
        let known = tools.manifests().into_iter().map(|manifest| manifest.name).collect::<Vec<_>>().join(" ");
        Error::not_found("unknown_tool", format!("no such tool; known: {known}")).field("tool")
    })?;
    check_json(&proposal.arguments, "arguments")?;
    let size = proposal.arguments.to_string().len();
    if size > limits::ARGUMENTS_BYTES {
        let limit = format!("{} bytes", limits::ARGUMENTS_BYTES);
        return Err(
            Error::limit("arguments_too_large", "the arguments are too large", limit).field("arguments")
        );
    }
    if proposal.reason.len() > limits::REASON_BYTES {
        let limit = format!("{} bytes", limits::REASON_BYTES);
        return Err(Error::limit("reason_too_long", "the reason is too long", limit).field("reason"));
    }
    without_nul(&proposal.reason, "reason")?;
    tool.check_arguments(&proposal.arguments)?;
    let manifest = tool.manifest();
    let now: Timestamp = tx.now();
    let mut action = Action {
        action_id: match proposal.action_id {
            Some(id) => id,
            None => ActionId(tx.new_id()?),
        },
        space_id: proposal.space_id,
        state: ActionState::AwaitingApproval,
        tool: manifest.name.clone(),
        tool_version: manifest.version.clone(),
        tool_schema_digest: tool.digest(),
        arguments: proposal.arguments.clone(),
        scopes: manifest.scopes.clone(),
        effect: manifest.effect,
        reason: proposal.reason.clone(),
        proposed_by: context.principal.label(),
        source_event_ids: proposal.source_event_ids.clone(),
        binding_digest: crate::audit::Digest([0; 32]),
        policy_version: POLICY_VERSION,
        approvals: Vec::new(),
        expires_at: now.after(expiry),
        created_at: now,
        result: None,
        problem: None,
        salt: tx.random()?,
    };
    let binding: Binding = action.binding(agent);
    action.binding_digest = binding.digest()?;
    Ok(action)
}

/// An action that is proposed again under its id must be the same.
fn the_same(stored: Action, again: &Action) -> Result<Action> {
    let same = stored.space_id == again.space_id
        && stored.tool == again.tool
        && stored.arguments == again.arguments
        && stored.proposed_by == again.proposed_by;
    if same {
        Ok(stored)
    } else {
        Err(Error::conflict("action_id_reused", "this id was used for another action").field("action_id"))
    }
}

async fn insert(tx: &mut Tx, agent: Scoped, action: &Action, derivation: Option<[u8; 32]>) -> Result<()> {
    let json = |value: &Value| canonical(value);
    let parameters = vec![
        agent.agent_id().into(),
        action.action_id.into(),
        action.space_id.into(),
        action.state.as_str().into(),
        action.tool.as_str().into(),
        action.tool_version.as_str().into(),
        action.tool_schema_digest.into(),
        json(&action.arguments)?.into(),
        serde_json::to_string(&action.scopes).map_err(Error::internal)?.into(),
        action.effect.as_str().into(),
        action.reason.as_str().into(),
        action.proposed_by.as_str().into(),
        serde_json::to_string(&action.source_event_ids).map_err(Error::internal)?.into(),
        action.binding_digest.into(),
        action.salt.into(),
        i64::try_from(action.policy_version).map_err(Error::internal)?.into(),
        action.expires_at.into(),
        action.created_at.into(),
        derivation.into(),
    ];
    tx.run(&INSERT, parameters);
    Ok(())
}
