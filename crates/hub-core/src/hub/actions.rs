//! `hub.actions()`.

use super::Actions;
use crate::actions::propose::{self, Proposal};
use crate::actions::record::{PAGE, PAGE_OF_STATE, load, read, unknown, with_approvals};
use crate::actions::{Action, decide};
use crate::audit::Digest;
use crate::clock::Timestamp;
use crate::context::{Context, Need, Scoped};
use crate::ids::{ActionId, AgentId, SpaceId};
use crate::page::{Page, PageRequest};
use crate::store::{Tx, boxed};
use crate::text::without_nul;
use crate::{Error, Result};
use hub_protocol::limits;
use hub_protocol::vocabulary::{ActionState, Scope};
use serde_json::Value;
use uuid::Uuid;

/// A side effect to be proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAction {
    /// Made by the caller, so that asking again does not propose twice; absent, the hub makes one.
    pub action_id: Option<ActionId>,
    /// Where it is asked for.
    pub space_id: SpaceId,
    /// Name of the tool; its newest version is bound.
    pub tool: String,
    /// Arguments, as the tool's schema demands; at most 64 KiB of JSON.
    pub arguments: Value,
    /// Why, for the person who decides; at most 4 KiB.
    pub reason: Option<String>,
}

/// Which actions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionFilter {
    /// Only those in this state.
    pub state: Option<ActionState>,
}

impl Actions {
    /// Proposes a side effect. It runs only after a person has approved exactly it.
    ///
    /// # Errors
    /// `not_found` for an unknown tool or space; `invalid` for arguments that the tool's schema
    /// refuses; `conflict` when the id was used for another action; `denied` without the scope
    /// `actions:propose`, and while the space is private.
    pub async fn propose(&self, context: &Context, agent_id: AgentId, new: NewAction) -> Result<Action> {
        let need = Need::Content(Scope::ActionsPropose, Some(new.space_id));
        let agent = self.hub.allow(context, agent_id, need)?;
        let (context, tools) = (context.clone(), self.hub.tools.clone());
        let expiry = self.hub.settings.action_expiry();
        let proposal = Proposal {
            action_id: new.action_id,
            space_id: new.space_id,
            tool: new.tool,
            arguments: new.arguments,
            reason: new.reason.unwrap_or_default(),
            source_event_ids: Vec::new(),
            derivation: None,
            traces: Vec::new(),
        };
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move { propose::propose(tx, agent, &context, &tools, proposal, expiry).await })
            })
            .await
    }

    /// One action, with exactly what would run and the digest that an approval must name.
    ///
    /// # Errors
    /// `not_found`; `denied` without the scope `actions:read`.
    pub async fn get(&self, context: &Context, id: ActionId) -> Result<Action> {
        let agent = self.hub.allow_own(context, Need::Content(Scope::ActionsRead, None))?;
        let (context, now) = (context.clone(), self.hub.now());
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    let action = load(tx, agent, id).await?;
                    visible(&context, agent, &action, now)?;
                    Ok(action)
                })
            })
            .await
    }

    /// The actions of an agent that the caller may see, oldest first.
    ///
    /// # Errors
    /// `denied` without the scope `actions:read`; `invalid` or `limit` for a malformed page.
    pub async fn list(
        &self,
        context: &Context,
        agent_id: AgentId,
        filter: ActionFilter,
        page: PageRequest,
    ) -> Result<Page<Action>> {
        let agent = self.hub.allow(context, agent_id, Need::Content(Scope::ActionsRead, None))?;
        let after = cursor(&page)?;
        let rows = page.rows()?;
        let (context, now) = (context.clone(), self.hub.now());
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    let actions = of_page(tx, agent, filter, after, rows).await?;
                    let mut page = Page::of(actions, &page, |action| {
                        format!("{}-{}", action.created_at.0, action.action_id)
                    })?;
                    page.items.retain(|action| visible(&context, agent, action, now).is_ok());
                    Ok(page)
                })
            })
            .await
    }

    /// Approves exactly what was shown: `shown` is the digest that came with it.
    ///
    /// # Errors
    /// `denied` for anyone but a person with the role owner or member; `conflict` with
    /// `binding_changed` when another digest would run, with `action_expired` when it is too late,
    /// with `action_state` when it was decided before.
    pub async fn approve(&self, context: &Context, id: ActionId, shown: Digest) -> Result<Action> {
        let agent = self.hub.allow_own(context, Need::Decide)?;
        let context = context.clone();
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move { decide::approve(tx, agent, &context, id, shown).await })
            })
            .await
    }

    /// Refuses an action.
    ///
    /// # Errors
    /// As [`Actions::approve`], but for the digest; `limit` for a reason over 4 KiB.
    pub async fn reject(&self, context: &Context, id: ActionId, reason: Option<String>) -> Result<Action> {
        let agent = self.hub.allow_own(context, Need::Decide)?;
        if reason.as_ref().is_some_and(|reason| reason.len() > limits::REASON_BYTES) {
            let limit = format!("{} bytes", limits::REASON_BYTES);
            return Err(Error::limit("reason_too_long", "the reason is too long", limit).field("reason"));
        }
        reason.as_ref().map_or(Ok(()), |reason| without_nul(reason, "reason"))?;
        let context = context.clone();
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move { decide::reject(tx, agent, &context, id, reason).await })
            })
            .await
    }

    /// Withdraws an action that has not begun: whoever proposed it may, and who decides may.
    ///
    /// # Errors
    /// `not_found`; `denied` for others; `conflict` when it has begun or ended.
    pub async fn cancel(&self, context: &Context, id: ActionId) -> Result<Action> {
        let agent = match self.hub.allow_own(context, Need::Decide) {
            Ok(agent) => agent,
            Err(_) => self.hub.allow_own(context, Need::Content(Scope::ActionsPropose, None))?,
        };
        let decides = self.hub.allow_own(context, Need::Decide).is_ok();
        let context = context.clone();
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let action = load(tx, agent, id).await?;
                    if !decides && action.proposed_by != context.principal.label() {
                        return Err(Error::denied(
                            "not_allowed",
                            "only who proposed it, or a person who decides",
                        ));
                    }
                    decide::cancel(tx, agent, &context, id).await
                })
            })
            .await
    }

    /// Says how a run ended whose outcome is unknown.
    ///
    /// # Errors
    /// `denied` for anyone but a person with the role owner or member; `conflict` when the outcome
    /// is known.
    pub async fn resolve(&self, context: &Context, id: ActionId, happened: bool) -> Result<Action> {
        let agent = self.hub.allow_own(context, Need::Decide)?;
        let context = context.clone();
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move { decide::resolve(tx, agent, &context, id, happened).await })
            })
            .await
    }
}

/// A delegate sees the actions of its spaces only.
fn visible(context: &Context, agent: Scoped, action: &Action, now: Timestamp) -> Result<()> {
    let need = Need::Content(Scope::ActionsRead, Some(action.space_id));
    crate::context::authorize(context, agent.agent_id(), need, now).map(|_| ()).map_err(|_| unknown())
}

/// A cursor is the time and the id of the last action of the page before.
fn cursor(page: &PageRequest) -> Result<(i64, Uuid)> {
    let malformed = || Error::invalid("malformed_cursor", "a cursor is the next_cursor of an earlier page");
    match &page.cursor {
        None => Ok((i64::MIN, Uuid::nil())),
        Some(cursor) => cursor
            .split_once('-')
            .and_then(|(time, id)| Some((time.parse().ok()?, Uuid::try_parse(id).ok()?)))
            .ok_or_else(|| malformed().field("cursor")),
    }
}

async fn of_page(
    tx: &mut Tx,
    agent: Scoped,
    filter: ActionFilter,
    after: (i64, Uuid),
    rows: i64,
) -> Result<Vec<Action>> {
    let mut parameters = vec![agent.agent_id().into(), after.0.into(), after.1.into(), rows.into()];
    let statement = match filter.state {
        Some(state) => {
            parameters.push(state.as_str().into());
            PAGE_OF_STATE
        }
        None => PAGE,
    };
    let mut actions = Vec::new();
    for mut row in tx.rows(&statement, parameters).await? {
        let mut action = read(&mut row)?;
        with_approvals(tx, agent, &mut action).await?;
        actions.push(action);
    }
    Ok(actions)
}
