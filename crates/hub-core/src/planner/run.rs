//! The plan stage: a window is read, planned outside any transaction, and what comes of it is
//! written all or nothing, under the fence of the lease.

use super::ask::ask;
use super::budget;
use super::meter::Usage;
use super::plan::Plan;
use super::port::Planner;
use super::read::{Reading, read};
use super::traced;
use super::window::cut_due;
use super::write::{Made, write};
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::hub::Inner;
use crate::ids::WindowId;
use crate::queue::{Lease, Queue, claim, finish, give_back, look, look_resting, rest};
use crate::store::{Reach, boxed, declare};
use crate::trace;
use crate::{Error, Result};
use futures_util::future::join_all;
use hub_protocol::vocabulary::PlannerKind;
use std::sync::Arc;
use tracing::{Instrument as _, Span};

/// Spaces whose talk one step cuts.
const SPACES_AT_ONCE: i64 = 64;
/// Windows that one step plans side by side.
const WINDOWS_AT_ONCE: usize = 32;

declare! {
    DEAD = "UPDATE windows SET state = 'dead' WHERE agent_id = $1 AND window_id = $2";
}

/// Cuts talk whose time has come. Answers whether there was any.
pub(crate) async fn cut(hub: &Arc<Inner>) -> Result<bool> {
    let pace = hub.settings.pace();
    let due = look_resting(&hub.store, Queue::Window, pace.rest()).await?;
    if due.ready.is_none() {
        return Ok(false);
    }
    let due = hub.store.read(Reach::nobody(), move |tx| boxed(super::window::due(tx, due, SPACES_AT_ONCE)));
    let due = due.await?;
    if due.is_empty() {
        return Ok(false);
    }
    let agents: Reach = due.iter().map(|(agent, _)| *agent).collect();
    let cut = hub.store.write(agents, move |tx| boxed(cut_due(tx, due, pace))).await?;
    Ok(cut > 0)
}

/// Plans windows that wait. Answers whether there were any.
pub(crate) async fn step(hub: &Arc<Inner>) -> Result<bool> {
    let (began, lease) = (hub.now(), hub.settings.lease());
    let due = look(&hub.store, Queue::Plan).await?;
    if due.is_nothing() {
        return Ok(false);
    }
    let leases = hub
        .store
        .write(Reach::nobody(), move |tx| {
            boxed(async move { claim(tx, due, WINDOWS_AT_ONCE, lease, "plan").await })
        })
        .await?;
    let any = !leases.is_empty();
    for outcome in join_all(leases.into_iter().map(|lease| plan_one(hub, lease, began))).await {
        outcome?;
    }
    Ok(any)
}

/// Workers that may die over a window for each attempt that it has. A hub that is killed again and again
/// leases the same windows each time; they must not be given up for that. A model that says when to come
/// back is asked as often.
const DEATHS: i64 = 10;

/// What ended the planning of a window, and whether a model had a part in it.
struct Failed {
    error: Error,
    by_model: bool,
    spent: Usage,
    by: String,
}

impl Failed {
    /// Nobody was asked for it.
    fn alone(error: Error) -> Self {
        Self { error, by_model: false, spent: Usage::default(), by: String::new() }
    }
}

async fn plan_one(hub: &Arc<Inner>, lease: Lease, claimed: Timestamp) -> Result<()> {
    if lease.attempts > hub.settings.max_attempts().saturating_mul(DEATHS) {
        // Every attempt was begun and none ended: what ends its worker each time is given up too.
        let error = Error::unavailable("worker_died", "the workers that planned this did not come back");
        return fail(hub, lease, Failed::alone(error)).await;
    }
    let (agent, window_id) = (lease.agent, WindowId(lease.key));
    let zone = hub.settings.time_zone.clone();
    // The window was planned before or is gone with its space: only the job is left.
    let Some(reading) = hub.store.read(agent, move |tx| boxed(read(tx, agent, window_id, zone))).await?
    else {
        return hub.store.write(agent, move |tx| boxed(async move { finish(tx, &lease).await })).await;
    };
    let span = trace::job(Queue::Plan.as_str(), &lease);
    traced::place(hub.store.traces(), &span, &reading.traced);
    span.record("hub.window_id", tracing::field::display(lease.key));
    span.record("hub.utterances", trace::count(reading.window.utterances.len()));
    let planned = plan_read(hub, lease, reading, claimed, span.clone()).instrument(span.clone()).await;
    trace::ended(&span, &planned);
    planned
}

/// Plans a window that was read. What became of it is noted on the span of the job.
async fn plan_read(
    hub: &Arc<Inner>,
    lease: Lease,
    reading: Reading,
    claimed: Timestamp,
    span: Span,
) -> Result<()> {
    let (kind, agent) = (reading.planner, lease.agent);
    let outcome = match planners_of(hub, kind) {
        Ok(planners) => in_turn(hub, &lease, reading, planners).await,
        Err(error) => Err(Failed::alone(error)),
    };
    match outcome {
        Ok(()) => {
            hub.observer.window_planned(kind.as_str(), hub.now().since(claimed));
            Ok(())
        }
        Err(failed) => {
            trace::failed(&span, failed.error.code());
            // Whatever became of the rest, a model was paid.
            if !failed.spent.is_nothing() {
                let (by, spent) = (failed.by.clone(), failed.spent);
                let written = hub.store.write(agent, move |tx| {
                    boxed(async move {
                        budget::spend(tx, agent, &by, spent);
                        Ok(())
                    })
                });
                written.await?;
            }
            // Another worker has the window; whatever this one made of it is void.
            if failed.error.code() == "lease_lost" { Ok(()) } else { fail(hub, lease, failed).await }
        }
    }
}

/// The planners of a window, one after the other: each writes what it made before the next begins, so
/// that what the rules understood waits for no model.
async fn in_turn(
    hub: &Arc<Inner>,
    lease: &Lease,
    mut reading: Reading,
    planners: Vec<Arc<dyn Planner>>,
) -> Result<(), Failed> {
    let count = planners.len();
    for (place, planner) in planners.into_iter().enumerate() {
        let (by, by_model, ends) = (planner.name().to_owned(), planner.is_model(), place + 1 == count);
        // Words of a space that is private by now go to no model; where nothing is left none is asked.
        let idle = by_model && (reading.private || reading.window.open().next().is_none());
        let (planned, spent) = if idle {
            (Ok(Plan::default()), Usage::default())
        } else {
            ask(hub, lease.agent, planner.as_ref(), &reading.window).await
        };
        let failed = |error| Failed { error, by_model, spent, by: by.clone() };
        let plan = planned.map_err(failed)?;
        if !ends {
            reading.settle(&plan);
        }
        let made = Made { plan, by: by.clone(), spent, ends };
        write(hub, lease.clone(), reading.clone(), made).await.map_err(failed)?;
    }
    Ok(())
}

/// The planners that a kind consists of, in the order in which they plan.
pub(crate) fn parts_of(kind: PlannerKind) -> &'static [PlannerKind] {
    match kind {
        PlannerKind::Rules => &[PlannerKind::Rules],
        PlannerKind::OpenAi => &[PlannerKind::OpenAi],
        PlannerKind::Both => &[PlannerKind::Rules, PlannerKind::OpenAi],
    }
}

fn planners_of(hub: &Inner, kind: PlannerKind) -> Result<Vec<Arc<dyn Planner>>> {
    let missing = |kind: &PlannerKind| {
        Error::unavailable("planner_missing", format!("no planner `{kind}` runs in this hub"))
    };
    parts_of(kind).iter().map(|part| hub.planners.get(part).cloned().ok_or_else(|| missing(part))).collect()
}

/// Lets the job rest, or gives it up with the reason. A plan that is wrong is wrong again, and a model
/// has heard once what was wrong.
async fn fail(hub: &Arc<Inner>, lease: Lease, failed: Failed) -> Result<()> {
    let Failed { error, by_model, .. } = failed;
    let most = hub.settings.max_attempts();
    let attempts = match (error.is_retryable(), error.retry_after()) {
        (true, Some(_)) => most.saturating_mul(DEATHS),
        (true, None) => most,
        (false, _) if by_model => 1,
        (false, _) => 2.min(most),
    };
    tracing::warn!(window = %lease.key, attempt = lease.attempts, code = error.code(), "a window could not be planned");
    hub.store
        .write(lease.agent, move |tx| {
            boxed(async move {
                if error.code() == budget::SPENT {
                    // The window is not at fault: it waits for the day, and no attempt counts.
                    return rest(tx, &lease, &error).await;
                }
                if give_back(tx, &lease, attempts, &error).await? {
                    let agent = lease.agent;
                    tx.run(&DEAD, vec![agent.agent_id().into(), lease.key.into()]);
                    let worker = Context::worker(agent.agent_id(), "planner");
                    let draft = EntryDraft::new(tx.now(), "window.dead", &worker.principal)
                        .subject("window", lease.key)
                        .fact("code", error.code());
                    tx.audit(agent, draft).await?;
                }
                Ok(())
            })
        })
        .await
}
