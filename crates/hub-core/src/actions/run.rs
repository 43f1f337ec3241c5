//! The tools stage: an approved action runs once, under a lease, if it is still exactly what was
//! approved.

use super::lifecycle::Event;
use super::record::{Action, Outcome, load, transition};
use super::traced;
use crate::audit::EntryDraft;
use crate::context::{Context, Scoped, scoped_by_hub};
use crate::hub::Inner;
use crate::ids::{ActionId, AgentId};
use crate::panics::caught;
use crate::queue::lease::release;
use crate::queue::{Due, Lease, Queue, finish, give_back, look};
use crate::store::{Reach, Tx, Value, across, boxed, declare};
use crate::tools::{RegisteredTool, ToolCall, ToolRegistry};
use crate::trace::{self, TARGET};
use crate::{Error, Result};
use futures_util::future::join_all;
use hub_protocol::vocabulary::{ActionState, Effect, ErrorKind};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

/// Actions that one step runs side by side.
const AT_ONCE: i64 = 8;
/// Bytes of a tool's answer that are kept.
const RESULT_BYTES: usize = 64 * 1024;
/// How long a runner waits before it tries again to tell how its tool ended.
const TELL_AGAIN: Duration = Duration::from_millis(500);
/// Time that a lease outlives the tool's own timeout by.
const LEASE_MARGIN: Duration = Duration::from_secs(15);

declare! {
    CONSUME = "UPDATE approvals SET consumed_at = $3 WHERE agent_id = $1 AND action_id = $2 \
               AND decision = 'approved' AND consumed_at IS NULL AND binding_digest = $4 RETURNING person_id";
    HELD = "SELECT 1 FROM queue WHERE job_id = $1 AND state || '' = 'leased' AND fence = $2";
}

/// Work that a look found, over all agents.
#[derive(Default)]
struct Waiting {
    /// Runs whose lease has ended.
    lost: Vec<Lease>,
    /// Jobs of tools that this process has.
    ready: Vec<(i64, Scoped)>,
    /// Jobs of tools that it has not, with their actions.
    strange: Vec<(i64, Scoped, ActionId)>,
}

/// Runs approved actions whose tool and version this process has. Answers whether there were any.
pub(crate) async fn step(hub: &Arc<Inner>) -> Result<bool> {
    let manifests = hub.tools.manifests().into_iter();
    // Neither a name nor a version holds a space.
    let tools: String =
        manifests.map(|manifest| format!(" {}@{} ", manifest.name, manifest.version)).collect();
    let due = look(&hub.store, Queue::Tools).await?;
    if due.is_nothing() {
        return Ok(false);
    }
    let Waiting { lost, mut ready, strange } =
        hub.store.read(Reach::nobody(), move |tx| boxed(waiting(tx, tools, due))).await?;
    if !strange.is_empty() {
        let agents: Reach = strange.iter().map(|(_, agent, _)| *agent).collect();
        ready.extend(hub.store.read(agents, move |tx| boxed(changed(tx, strange))).await?);
    }
    if lost.is_empty() && ready.is_empty() {
        return Ok(false);
    }
    let agents: Reach =
        lost.iter().map(|lease| lease.agent).chain(ready.iter().map(|(_, agent)| *agent)).collect();
    let jobs: Vec<i64> = ready.into_iter().map(|(job, _)| job).collect();
    let (registry, attempts) = (hub.tools.clone(), hub.settings.max_attempts());
    let lasts = hub.tools.longest_timeout() + LEASE_MARGIN;
    let leases = hub
        .store
        .write(agents, move |tx| {
            boxed(async move {
                settle_lost(tx, lost, &registry, attempts).await?;
                crate::queue::lease::claim_these(tx, due, &jobs, lasts, "tools").await
            })
        })
        .await?;
    let any = !leases.is_empty();
    for outcome in join_all(leases.into_iter().map(|lease| run_one(hub, lease))).await {
        outcome?;
    }
    Ok(any)
}

async fn waiting(tx: &mut Tx, tools: String, due: Due) -> Result<Waiting> {
    let now = tx.now();
    let mut waiting = Waiting::default();
    let parameters: Vec<Value> = vec![due.until(now).into(), tools.into(), due.from().into()];
    for mut row in tx.across(across::TOOLS_READY, parameters.clone()).await? {
        waiting.ready.push((row.take(0)?, scoped_by_hub(AgentId(row.take(1)?))));
    }
    for mut row in tx.across(across::TOOLS_STRANGE, parameters).await? {
        waiting.strange.push((row.take(0)?, scoped_by_hub(AgentId(row.take(1)?)), row.take(2)?));
    }
    let Some(since) = due.expired else { return Ok(waiting) };
    for mut row in tx.across(across::TOOLS_LOST, vec![now.into(), AT_ONCE.into(), since.into()]).await? {
        waiting.lost.push(Lease::read(&mut row)?);
    }
    Ok(waiting)
}

/// Jobs of tools that this process has not, whose action is not what was approved. Perhaps no
/// process has a tool of that name and version: any may refuse to run it, and say why.
async fn changed(tx: &mut Tx, strange: Vec<(i64, Scoped, ActionId)>) -> Result<Vec<(i64, Scoped)>> {
    let mut changed = Vec::new();
    for (job, agent, action) in strange {
        // An action that cannot even be read is not what was approved either.
        let same = match load(tx, agent, action).await {
            Ok(action) => action.binding(agent).digest()? == action.binding_digest,
            Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
            Err(_) => false,
        };
        if !same {
            changed.push((job, agent));
        }
    }
    Ok(changed)
}

/// What a runner left behind that did not come back: a tool that may run twice runs again, unless
/// its runners never come back; of any other nobody knows whether it ran, and nobody but a person
/// may say.
async fn settle_lost(tx: &mut Tx, lost: Vec<Lease>, tools: &ToolRegistry, attempts: i64) -> Result<()> {
    for lease in lost {
        if tx.row(&HELD, vec![lease.job_id.into(), lease.fence.into()]).await?.is_none() {
            // Another process has settled it since, or its runner came back.
            continue;
        }
        let mut action = match load(tx, lease.agent, ActionId(lease.key)).await {
            Ok(action) => action,
            Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
            Err(error) => {
                bury(tx, &lease, &error).await?;
                continue;
            }
        };
        let tool = tools.exact(&action.tool, &action.tool_version);
        let again = tool.is_some_and(|tool| tool.manifest().idempotent) && lease.attempts < attempts;
        if action.state != ActionState::Running || again {
            release(tx, &lease).await?;
            continue;
        }
        let worker = Context::worker(lease.agent.agent_id(), "tools");
        let outcome =
            Outcome::problem("outcome_unknown", "the runner died while the tool ran; a person must look");
        transition(tx, lease.agent, &worker.principal, &mut action, Event::Lose, outcome).await?;
        finish(tx, &lease).await?;
    }
    Ok(())
}

/// Gives an action's job up: its row cannot be read, so that it can neither run nor change its state.
async fn bury(tx: &mut Tx, lease: &Lease, error: &Error) -> Result<()> {
    tracing::warn!(action = %lease.key, code = error.code(), "an action cannot be read");
    give_back(tx, lease, 0, error).await?;
    let worker = Context::worker(lease.agent.agent_id(), "tools");
    let draft = EntryDraft::new(tx.now(), "action.dead", &worker.principal)
        .subject("action", lease.key)
        .fact("code", error.code());
    tx.audit(lease.agent, draft).await.map(|_| ())
}

/// Runs one action, as a part of the trace in which it was approved.
async fn run_one(hub: &Arc<Inner>, lease: Lease) -> Result<()> {
    let (agent, id) = (lease.agent, ActionId(lease.key));
    let span = trace::job(Queue::Tools.as_str(), &lease);
    if hub.store.traces().are_recorded()
        && let Ok(Some(from)) = hub.store.read(agent, move |tx| boxed(traced::of(tx, agent, id))).await
    {
        hub.store.traces().go_on(&span, from);
    }
    span.record("hub.action_id", tracing::field::display(id));
    let ran = run_leased(hub, lease).instrument(span.clone()).await;
    trace::ended(&span, &ran);
    ran
}

async fn run_leased(hub: &Arc<Inner>, lease: Lease) -> Result<()> {
    let registry = hub.tools.clone();
    let starting = lease.clone();
    let started = hub
        .store
        .write(lease.agent, move |tx| boxed(async move { start(tx, &starting, &registry).await }))
        .await;
    let (action, tool) = match started {
        Ok(Some(started)) => started,
        Ok(None) => return Ok(()),
        Err(error) if error.code() == "lease_lost" => return Ok(()),
        Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
        Err(error) => {
            return hub
                .store
                .write(lease.agent, move |tx| boxed(async move { bury(tx, &lease, &error).await }))
                .await;
        }
    };
    let began = hub.now();
    let call = ToolCall {
        agent_id: lease.agent.agent_id(),
        space_id: action.space_id,
        action_id: action.action_id,
        arguments: action.arguments.clone(),
        attempt: u32::try_from(lease.attempts).unwrap_or(u32::MAX),
        idempotency_key: format!("{}:{}", lease.agent.agent_id(), action.action_id),
    };
    let timeout = Duration::from_secs(u64::from(tool.manifest().timeout_seconds));
    let span = execution(&action);
    let ran = tokio::select! {
        ran = caught(tool.run(call)).instrument(span.clone()) => ran,
        () = hub.clock.sleep(timeout) => Err(Error::unavailable("tool_timeout", "the tool did not end in time")),
    };
    trace::ended(&span, &ran);
    drop(span);
    // A tool that was stopped in the middle may have done its work: only one that may run twice is
    // known to have failed.
    let nobody_knows = |error: &Error| matches!(error.code(), "tool_timeout" | "outcome_unknown");
    let lost = !tool.manifest().idempotent && ran.as_ref().is_err_and(nobody_knows);
    hub.observer.ran(&action.tool, ran.is_ok(), hub.now().since(began));
    let until = began.after(timeout + LEASE_MARGIN);
    loop {
        let (telling, told) = (lease.clone(), ran.clone());
        let ended =
            hub.store.write(lease.agent, move |tx| boxed(async move { end(tx, &telling, told, lost).await }));
        match ended.await {
            // A successor has the job: what this runner saw is void.
            Err(error) if error.code() == "lease_lost" => return Ok(()),
            // Nobody else knows how it ended: it is told once the database is back, while the lease lasts.
            Err(error) if is_away(&error) && hub.now() < until => hub.clock.sleep(TELL_AGAIN).await,
            ended => return ended,
        }
    }
}

/// The span of what the tool does, by OpenTelemetry's names.
fn execution(action: &Action) -> Span {
    tracing::info_span!(
        target: TARGET, "execute_tool", otel.name = format!("execute_tool {}", action.tool),
        "gen_ai.operation.name" = "execute_tool", "gen_ai.tool.name" = action.tool.as_str(),
        "gen_ai.tool.call.id" = %action.action_id, hub.effect = action.effect.as_str(), "error.type" = Empty,
        otel.status_code = Empty
    )
}

fn is_away(error: &Error) -> bool {
    error.kind() == ErrorKind::Unavailable && error.code() != "stopping"
}

/// The transaction that starts a run: it compares, consumes the approval and moves the state, or
/// refuses and says why.
async fn start(
    tx: &mut Tx,
    lease: &Lease,
    registry: &ToolRegistry,
) -> Result<Option<(Action, Arc<RegisteredTool>)>> {
    if tx.row(&HELD, vec![lease.job_id.into(), lease.fence.into()]).await?.is_none() {
        return Err(Error::conflict("lease_lost", "another runner has the action"));
    }
    let agent = lease.agent;
    let worker = Context::worker(agent.agent_id(), "tools");
    let mut action = load(tx, agent, ActionId(lease.key)).await?;
    if action.state == ActionState::Running {
        // A runner died in a tool that may run twice; its approval was consumed by the first start.
        let tool = registry.exact(&action.tool, &action.tool_version);
        let draft = EntryDraft::new(tx.now(), "action.restarted", &worker.principal)
            .subject("action", action.action_id)
            .fact("attempt", lease.attempts);
        tx.audit(agent, draft).await?;
        return Ok(tool.map(|tool| (action, tool)));
    }
    match may_start(tx, agent, &action, registry).await? {
        Ok(tool) => {
            transition(tx, agent, &worker.principal, &mut action, Event::Start, Outcome::default()).await?;
            Ok(Some((action, tool)))
        }
        Err(refusal) => {
            tracing::warn!(action = %action.action_id, code = refusal.code(), "an action was not begun");
            let outcome = Outcome::problem(refusal.code(), &refusal.to_string());
            let event = if refusal.code() == "action_expired" { Event::Expire } else { Event::Refuse };
            // An action that is past deciding keeps its state; only its job is left to end.
            if super::lifecycle::next(action.state, event).is_ok() {
                transition(tx, agent, &worker.principal, &mut action, event, outcome).await?;
            }
            finish(tx, lease).await?;
            Ok(None)
        }
    }
}

type MayStart = std::result::Result<Arc<RegisteredTool>, Error>;

/// Whether what would run is what was approved, and may still be run.
async fn may_start(tx: &mut Tx, agent: Scoped, action: &Action, registry: &ToolRegistry) -> Result<MayStart> {
    if action.state != ActionState::Approved {
        return Ok(Err(Error::conflict("action_state", "the action is not approved")));
    }
    if action.expires_at <= tx.now() {
        return Ok(Err(Error::conflict("action_expired", "the approval expired before the run could begin")));
    }
    let changed = || Error::conflict("binding_changed", "what would run is not what was approved");
    if action.binding(agent).digest()? != action.binding_digest {
        return Ok(Err(changed()));
    }
    let Some(tool) = registry.exact(&action.tool, &action.tool_version) else {
        return Ok(Err(Error::conflict("tool_changed", "the tool that was approved is not registered here")));
    };
    if tool.digest() != action.tool_schema_digest || tool.manifest().scopes != action.scopes {
        return Ok(Err(changed()));
    }
    if let Err(refusal) = super::grants::requester_may(tx, agent, action).await? {
        return Ok(Err(refusal));
    }
    if tool.manifest().effect != Effect::Read {
        let now = tx.now();
        let parameters =
            vec![agent.agent_id().into(), action.action_id.into(), now.into(), action.binding_digest.into()];
        if tx.row(&CONSUME, parameters).await?.is_none() {
            return Ok(Err(Error::conflict(
                "not_approved",
                "no unused approval of exactly this action exists",
            )));
        }
    }
    Ok(Ok(tool))
}

/// Writes how the run ended, under the fence.
async fn end(tx: &mut Tx, lease: &Lease, ran: Result<Json>, lost: bool) -> Result<()> {
    finish(tx, lease).await?;
    let worker = Context::worker(lease.agent.agent_id(), "tools");
    let mut action = load(tx, lease.agent, ActionId(lease.key)).await?;
    let (event, outcome) = match ran {
        Ok(result) if result.to_string().len() > RESULT_BYTES => (
            Event::Finish,
            Outcome {
                result: Some(serde_json::json!({ "truncated": true, "limit_bytes": RESULT_BYTES })),
                problem: None,
            },
        ),
        Ok(result) => (Event::Finish, Outcome { result: Some(result), problem: None }),
        Err(error) if lost && error.code() == "outcome_unknown" => {
            (Event::Lose, Outcome::problem("outcome_unknown", &error.to_string()))
        }
        Err(_) if lost => (
            Event::Lose,
            Outcome::problem("outcome_unknown", "the tool did not end in time; a person must look"),
        ),
        Err(error) => (Event::Fail, Outcome::problem(error.code(), &error.to_string())),
    };
    transition(tx, lease.agent, &worker.principal, &mut action, event, outcome).await
}
