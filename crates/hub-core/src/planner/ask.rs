//! Asking one planner for its plan of a window: within its time and its budget, and a model once more
//! with the words of whoever refused its first plan.

use super::meter::{Meter, Usage};
use super::plan::{Plan, Window};
use super::port::Planner;
use super::validate::{INVALID, validate};
use super::{budget, surroundings};
use crate::context::Scoped;
use crate::hub::Inner;
use crate::panics::caught;
use crate::trace::{self, TARGET};
use crate::{Error, Result};
use std::sync::Arc;
use tracing::Instrument as _;
use tracing::field::Empty;

/// Characters of the words that a model hears of what was wrong.
const CORRECTION_CHARS: usize = 600;

/// Answers the plan, and what it cost, also without one.
pub(super) async fn ask(
    hub: &Arc<Inner>,
    agent: Scoped,
    planner: &dyn Planner,
    window: &Window,
) -> (Result<Plan>, Usage) {
    let (began, meter) = (hub.now(), Meter::default());
    let span = tracing::info_span!(
        target: TARGET, "plan", otel.name = format!("plan {}", planner.name()), hub.planner = planner.name(),
        hub.plan.memories = Empty, hub.plan.actions = Empty, "error.type" = Empty, otel.status_code = Empty
    );
    let plan = tokio::select! {
        plan = caught(plan(hub, agent, planner, window, &meter)).instrument(span.clone()) => plan,
        () = hub.clock.sleep(hub.settings.plan_timeout()) => {
            Err(Error::unavailable("plan_timeout", "the planner did not answer in time"))
        }
    };
    if let Ok(plan) = &plan {
        span.record("hub.plan.memories", trace::count(plan.memories.len()));
        span.record("hub.plan.actions", trace::count(plan.actions.len()));
    }
    trace::ended(&span, &plan);
    let spent = meter.read();
    hub.observer.planned(planner.name(), plan.is_ok(), hub.now().since(began));
    if !spent.is_nothing() {
        hub.observer.spent(planner.name(), spent);
    }
    (plan, spent)
}

async fn plan(
    hub: &Arc<Inner>,
    agent: Scoped,
    planner: &dyn Planner,
    window: &Window,
    meter: &Meter,
) -> Result<Plan> {
    let mut window = window.clone();
    if !planner.is_model() {
        return valid(hub, planner, &window, meter).await;
    }
    budget::check(hub, agent).await?;
    window.surroundings = surroundings::gather(hub, agent, &window).await?;
    let first = valid(hub, planner, &window, meter).await;
    let Err(refused) = first.as_ref().map(|_| ()).map_err(Clone::clone) else { return first };
    if refused.code() != INVALID {
        return first;
    }
    tracing::info!(planner = planner.name(), window = %window.window_id, "a model's plan was refused; it is told why");
    window.surroundings.correction = Some(refused.to_string().chars().take(CORRECTION_CHARS).collect());
    valid(hub, planner, &window, meter).await.map_err(|again| match again.code() {
        INVALID => Error::invalid(
            INVALID,
            format!("the model was told why its plan was refused, and its next one was refused too: {again}"),
        ),
        _ => again,
    })
}

/// A plan that is held against its window; one bad proposal refuses it whole.
async fn valid(hub: &Inner, planner: &dyn Planner, window: &Window, meter: &Meter) -> Result<Plan> {
    let plan = planner.plan(window.clone(), meter).await?;
    let span = tracing::info_span!(
        target: TARGET, "validate", "error.type" = Empty, otel.status_code = Empty
    );
    let valid = span.in_scope(|| validate(&plan, window, &hub.tools));
    trace::ended(&span, &valid);
    valid.map(|()| plan)
}
