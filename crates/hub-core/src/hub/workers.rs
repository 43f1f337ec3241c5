//! The loops that do what the queues hold.

use super::inner::Inner;
use crate::Result;
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

type Step = for<'i> fn(&'i Arc<Inner>) -> BoxFuture<'i, Result<bool>>;

/// The worker that is cheaper by the dozen, and its rest after a step, so that the next finds more.
const INDEX: &str = "index";
const GATHER: Duration = Duration::from_millis(100);

/// Rest after a failed step, so that a dead database is not asked in a circle.
const REST_AFTER_FAILURE: Duration = Duration::from_millis(500);

impl Workers {
    pub(crate) fn start(hub: Arc<Inner>, roles: Vec<WorkerRole>) -> Self {
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for role in roles {
            let steps: &[(&'static str, Step)] = match role {
                WorkerRole::Index => &[(INDEX, |hub| Box::pin(memory::index::step(hub)))],
                WorkerRole::Plan => &[
                    ("window", |hub| Box::pin(planner::run::cut(hub))),
                    ("plan", |hub| Box::pin(planner::run::step(hub))),
                ],
                WorkerRole::Tools => &[("tools", |hub| Box::pin(actions::run::step(hub)))],
                WorkerRole::Timers => &[("timers", |hub| Box::pin(timers::step(hub)))],
            };
            for (name, step) in steps {
                tasks.spawn(run(hub.clone(), name, *step, stopping.clone()));
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

/// Steps while there is work; then waits for a commit or, since another process may have left
/// work and time alone makes some, for the next look.
async fn run(hub: Arc<Inner>, name: &'static str, step: Step, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        let told = hub.store.work().notified();
        let rest = match step(&hub).await {
            Ok(true) => {
                // Between steps, where a stop is heard: a step itself waits for nothing but its work.
                if name == INDEX {
                    tokio::select! {
                        () = hub.clock.sleep(GATHER) => {}
                        _ = stopping.changed() => {}
                    }
                }
                continue;
            }
            Ok(false) => hub.settings.poll(),
            Err(error) => {
                tracing::warn!(worker = name, code = error.code(), %error, source = ?std::error::Error::source(&error), "a worker's step failed");
                REST_AFTER_FAILURE
            }
        };
        tokio::select! {
            () = told => {}
            () = hub.clock.sleep(rest) => {}
            _ = stopping.changed() => {}
        }
    }
}
