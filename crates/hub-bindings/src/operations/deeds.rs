//! Actions, tools and the log.

use super::events::own;
use crate::request::{Call, shown};
use hub_core::audit::Digest;
use hub_core::hub::actions::{ActionFilter, NewAction};
use hub_core::ids::{ActionId, AgentId};
use hub_core::protocol::actions::{
    ApproveAction, ProposeAction, RejectAction, ResolveAction, ResolvedOutcome,
};
use hub_core::{Error, Hub, Result, wire};
use serde_json::{Value, json};

pub(super) async fn propose(hub: Hub, mut call: Call) -> Result<String> {
    let agent: AgentId = call.id("agent_id")?;
    let body: ProposeAction = call.body()?;
    call.end()?;
    let new = NewAction {
        action_id: body.action_id.map(Into::into),
        space_id: body.space_id.into(),
        tool: body.tool,
        arguments: Value::Object(body.arguments),
        reason: body.reason,
    };
    shown(&wire::action(agent, hub.actions().propose(&call.context, agent, new).await?))
}

pub(super) async fn get(hub: Hub, mut call: Call) -> Result<String> {
    let id: ActionId = call.id("action_id")?;
    call.end()?;
    let action = hub.actions().get(&call.context, id).await?;
    shown(&wire::action(own(&call.context)?, action))
}

pub(super) async fn list(hub: Hub, mut call: Call) -> Result<String> {
    let (agent, page): (AgentId, _) = (call.id("agent_id")?, call.page());
    let filter = ActionFilter { state: call.may("state", "invalid_field", "a state of an action")? };
    call.end()?;
    let page = hub.actions().list(&call.context, agent, filter, page).await?;
    shown(&wire::page(page, |action| wire::action(agent, action)))
}

pub(super) async fn approve(hub: Hub, mut call: Call) -> Result<String> {
    let id: ActionId = call.id("action_id")?;
    let body: ApproveAction = call.body()?;
    call.end()?;
    let seen: Digest = body.binding_digest.parse().map_err(|error: Error| error.field("binding_digest"))?;
    let action = hub.actions().approve(&call.context, id, seen).await?;
    shown(&wire::action(own(&call.context)?, action))
}

pub(super) async fn reject(hub: Hub, mut call: Call) -> Result<String> {
    let id: ActionId = call.id("action_id")?;
    let body: RejectAction = call.body()?;
    call.end()?;
    let action = hub.actions().reject(&call.context, id, body.reason).await?;
    shown(&wire::action(own(&call.context)?, action))
}

pub(super) async fn cancel(hub: Hub, mut call: Call) -> Result<String> {
    let id: ActionId = call.id("action_id")?;
    call.end()?;
    let action = hub.actions().cancel(&call.context, id).await?;
    shown(&wire::action(own(&call.context)?, action))
}

pub(super) async fn resolve(hub: Hub, mut call: Call) -> Result<String> {
    let id: ActionId = call.id("action_id")?;
    let body: ResolveAction = call.body()?;
    call.end()?;
    let happened = body.outcome == ResolvedOutcome::Done;
    let action = hub.actions().resolve(&call.context, id, happened).await?;
    shown(&wire::action(own(&call.context)?, action))
}

pub(super) async fn tools(hub: Hub, mut call: Call) -> Result<String> {
    let agent: AgentId = call.id("agent_id")?;
    call.end()?;
    let tools = hub.tools().list(&call.context, agent).await?;
    shown(&wire::whole(tools.into_iter().map(wire::tool).collect::<Result<Vec<_>>>()?))
}

pub(super) async fn entries(hub: Hub, mut call: Call) -> Result<String> {
    let (agent, page): (AgentId, _) = (call.id("agent_id")?, call.page());
    call.end()?;
    let page = hub.audit().entries(&call.context, agent, page).await?;
    shown(&wire::try_page(page, wire::log_entry)?)
}

pub(super) async fn checkpoint(hub: Hub, mut call: Call) -> Result<String> {
    let agent: AgentId = call.id("agent_id")?;
    call.end()?;
    shown(&wire::checkpoint(agent, hub.audit().checkpoint(&call.context, agent).await?)?)
}

pub(super) async fn verify(hub: Hub, call: Call) -> Result<String> {
    call.end()?;
    let report = hub.audit().verify(&call.context).await?;
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    shown(&json!({ "holds": report.holds(), "entries": report.entries, "problems": problems }))
}
