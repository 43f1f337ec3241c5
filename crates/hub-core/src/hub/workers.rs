//! The loops that do what the queues hold.

use super::inner::Inner;
use crate::Result;
use crate::queue::Queue;
use crate::{actions, memory, planner, timers};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What a worker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkerRole {
    /// Makes talk recallable.
    Index,
    /// Cuts talk into windows and plans them.
    Plan,
    /// Runs approved actions.
    Tools,
    /// Reminders, expiries and erasures that fall due.
    Timers,
}

impl WorkerRole {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Index, Self::Plan, Self::Tools, Self::Timers];

    /// The role's name, as on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Plan => "plan",
            Self::Tools => "tools",
            Self::Timers => "timers",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// Workers that run; they stop when the handle is dropped.
#[derive(Debug)]
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

type Step = for<'i> fn(&'i Arc<Inner>) -> BoxFuture<'i, Result<Found>>;

/// What a look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    Some,
    /// As much as one step takes: more waits.
    Plenty,
}

impl From<bool> for Found {
    fn from(any: bool) -> Self {
        if any { Self::Some } else { Self::Nothing }
    }
}

/// One worker: what it is called, whose bell it hears, how long it rests after a look so that the
/// next one finds more, and what it does.
type Duty = (&'static str, Option<Queue>, Duration, Step);

/// Indexing is cheaper by the hundred, and talk comes in many commits.
const INDEX_REST: Duration = Duration::from_millis(100);

/// Rest after a failed step, so that a dead database is not asked in a circle.
const REST_AFTER_FAILURE: Duration = Duration::from_millis(500);

impl Workers {
    pub(crate) fn start(hub: Arc<Inner>, roles: Vec<WorkerRole>) -> Self {
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for role in roles {
            let duties: &[Duty] = match role {
                WorkerRole::Index => {
                    &[("index", Some(Queue::Index), INDEX_REST, |hub| Box::pin(memory::index::step(hub)))]
                }
                WorkerRole::Plan => &[
                    ("window", Some(Queue::Window), Duration::ZERO, |hub| {
                        Box::pin(async move { planner::run::cut(hub).await.map(Found::from) })
                    }),
                    ("plan", Some(Queue::Plan), Duration::ZERO, |hub| {
                        Box::pin(async move { planner::run::step(hub).await.map(Found::from) })
                    }),
                ],
                WorkerRole::Tools => &[("tools", Some(Queue::Tools), Duration::ZERO, |hub| {
                    Box::pin(async move { actions::run::step(hub).await.map(Found::from) })
                })],
                WorkerRole::Timers => &[("timers", None, Duration::ZERO, |hub| {
                    Box::pin(async move { timers::step(hub).await.map(Found::from) })
                })],
            };
            for duty in duties {
                // A window may wait long for a model, and those that were claimed with it wait too.
                let loops = if duty.1 == Some(Queue::Plan) { hub.settings.plan_loops() } else { 1 };
                for _ in 0..loops {
                    tasks.spawn(run(hub.clone(), *duty, stopping.clone()));
                }
            }
        }
        Self { stop, tasks }
    }

    /// Lets each worker end the step that it is in, then stops it.
    pub async fn shutdown(mut self) {
        let _all_gone = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Steps while there is work; then waits for its bell or, since another process may have left
/// work and time alone makes some, for the next look.
async fn run(hub: Arc<Inner>, (name, queue, after_look, step): Duty, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        let told = queue.and_then(|queue| hub.store.bells().listen(queue));
        let outcome = step(&hub).await;
        // Between steps, where a stop is heard: a step itself waits for nothing but its work.
        let more = matches!(outcome, Ok(Found::Plenty));
        if !after_look.is_zero() && !more {
            tokio::select! {
                () = hub.clock.sleep(after_look) => {}
                // It is heard once: whoever waits for it again waits for ever.
                _ = stopping.changed() => break,
            }
        }
        let rest = match outcome {
            Ok(Found::Some | Found::Plenty) => continue,
            Ok(Found::Nothing) => hub.settings.poll(),
            Err(error) => {
                tracing::warn!(worker = name, code = error.code(), %error, source = ?std::error::Error::source(&error), "a worker's step failed");
                REST_AFTER_FAILURE
            }
        };
        let told = async {
            match told {
                Some(told) => told.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = told => {}
            () = hub.clock.sleep(rest) => {}
            _ = stopping.changed() => {}
        }
    }
}
