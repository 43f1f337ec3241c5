//! What people decide: approve, reject, cancel, and resolve an outcome that nobody knows.

use super::lifecycle::Event;
use super::record::{Action, Outcome, load, transition};
use super::traced;
use crate::audit::Digest;
use crate::context::{Context, Principal, Scoped};
use crate::ids::{ActionId, PersonId};
use crate::queue::{self, Queue};
use crate::store::{Tx, declare};
use crate::trace::{self, TARGET};
use crate::{Error, Result};
use hub_protocol::vocabulary::ActionState;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

declare! {
    DECIDE = "INSERT INTO approvals (agent_id, action_id, person_id, decision, binding_digest, decided_at) \
              VALUES ($1, $2, $3, $4, $5, $6)";
    UNQUEUE = "DELETE FROM queue WHERE queue = 'tools' AND agent_id = $1 AND key = $2";
}

/// A person approves exactly what he was shown.
///
/// `conflict` with `binding_changed` when the digest is not that of the row as it stands, with
/// `action_expired` when it is too late, with `action_state` when it was decided before.
pub(crate) async fn approve(
    tx: &mut Tx,
    agent: Scoped,
    context: &Context,
    id: ActionId,
    shown: Digest,
) -> Result<Action> {
    let span = decision(id, "approve");
    traced::place(tx, agent, id, &span).await?;
    let approved = approve_shown(tx, agent, context, id, shown).instrument(span.clone()).await;
    if approved.is_ok() {
        traced::keep(tx, agent, id, &span);
    }
    trace::ended(&span, &approved);
    approved
}

async fn approve_shown(
    tx: &mut Tx,
    agent: Scoped,
    context: &Context,
    id: ActionId,
    shown: Digest,
) -> Result<Action> {
    let mut action = load(tx, agent, id).await?;
    if action.state == ActionState::AwaitingApproval && action.expires_at <= tx.now() {
        return Err(Error::conflict("action_expired", "the time for deciding about this action has passed"));
    }
    if action.state == ActionState::AwaitingApproval
        && (shown != action.binding_digest || shown != action.binding(agent).digest()?)
    {
        return Err(Error::conflict("binding_changed", "what was shown is not what would run; look again")
            .field("binding_digest"));
    }
    transition(tx, agent, &context.principal, &mut action, Event::Approve, Outcome::default()).await?;
    decide(tx, agent, person(context)?, &action, "approved").await?;
    queue::enqueue(tx, agent, vec![(Queue::Tools, id.0)]);
    load(tx, agent, id).await
}

/// A person refuses.
pub(crate) async fn reject(
    tx: &mut Tx,
    agent: Scoped,
    context: &Context,
    id: ActionId,
    reason: Option<String>,
) -> Result<Action> {
    let span = decision(id, "reject");
    traced::place(tx, agent, id, &span).await?;
    let rejected = reject_for(tx, agent, context, id, reason).instrument(span.clone()).await;
    trace::ended(&span, &rejected);
    rejected
}

async fn reject_for(
    tx: &mut Tx,
    agent: Scoped,
    context: &Context,
    id: ActionId,
    reason: Option<String>,
) -> Result<Action> {
    let mut action = load(tx, agent, id).await?;
    let outcome = reason.map_or_else(Outcome::default, |reason| Outcome::problem("rejected", &reason));
    transition(tx, agent, &context.principal, &mut action, Event::Reject, outcome).await?;
    decide(tx, agent, person(context)?, &action, "rejected").await?;
    load(tx, agent, id).await
}

/// A person, or whoever proposed it, withdraws what has not begun.
pub(crate) async fn cancel(tx: &mut Tx, agent: Scoped, context: &Context, id: ActionId) -> Result<Action> {
    let mut action = load(tx, agent, id).await?;
    transition(tx, agent, &context.principal, &mut action, Event::Cancel, Outcome::default()).await?;
    tx.run(&UNQUEUE, vec![agent.agent_id().into(), id.into()]);
    Ok(action)
}

/// A person says how a run ended that nobody saw end.
pub(crate) async fn resolve(
    tx: &mut Tx,
    agent: Scoped,
    context: &Context,
    id: ActionId,
    happened: bool,
) -> Result<Action> {
    let mut action = load(tx, agent, id).await?;
    let event = if happened { Event::ResolveDone } else { Event::ResolveFailed };
    let outcome = if happened {
        Outcome::default()
    } else {
        Outcome::problem("resolved", "a person found that it did not happen")
    };
    transition(tx, agent, &context.principal, &mut action, event, outcome).await?;
    Ok(action)
}

/// The span of a decision, whose place is not known yet.
fn decision(id: ActionId, what: &'static str) -> Span {
    tracing::info_span!(
        target: TARGET, parent: None, "decide", otel.name = what, hub.action_id = %id, "error.type" = Empty,
        otel.status_code = Empty
    )
}

async fn decide(tx: &mut Tx, agent: Scoped, person: PersonId, action: &Action, decision: &str) -> Result<()> {
    let parameters = vec![
        agent.agent_id().into(),
        action.action_id.into(),
        person.into(),
        decision.into(),
        action.binding_digest.into(),
        tx.now().into(),
    ];
    tx.run(&DECIDE, parameters);
    Ok(())
}

fn person(context: &Context) -> Result<PersonId> {
    match context.principal {
        Principal::Operator { person_id, .. } => Ok(person_id),
        _ => Err(Error::denied("not_an_approver", "only a person decides about actions")),
    }
}
