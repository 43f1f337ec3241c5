//! The hub's own reports, as metrics.

use super::recorder::{Metrics, Registry};
use hub_core::events::EventOutcome;
use hub_core::observe::Observer;
use hub_core::planner::Usage;
use hub_core::vocabulary::{ErrorKind, EventStatus};
use metrics::{Counter, Histogram};
use std::time::Duration;

/// Handles for what happens with every event.
#[derive(Clone)]
pub(super) struct HubHandles {
    stored: Counter,
    duplicate: Counter,
    private: Counter,
    refused: Counter,
    commit_seconds: Histogram,
    commit_events: Histogram,
    commit_operations: Histogram,
}

impl HubHandles {
    pub(super) fn new(registry: &Registry<'_>) -> Self {
        let events =
            |status: EventStatus| registry.counter("hub_events_total", &[("status", status.as_str())]);
        Self {
            stored: events(EventStatus::Stored),
            duplicate: events(EventStatus::Duplicate),
            private: events(EventStatus::Private),
            refused: events(EventStatus::Refused),
            commit_seconds: registry.histogram("hub_commit_seconds", &[]),
            commit_events: registry.histogram("hub_commit_events", &[]),
            commit_operations: registry.histogram("hub_commit_operations", &[]),
        }
    }

    fn events(&self, status: EventStatus) -> &Counter {
        match status {
            EventStatus::Stored => &self.stored,
            EventStatus::Duplicate => &self.duplicate,
            EventStatus::Private => &self.private,
            EventStatus::Refused => &self.refused,
        }
    }
}

impl Observer for Metrics {
    #[allow(clippy::cast_precision_loss, reason = "a commit holds thousands, not 2^52")]
    fn committed(&self, events: usize, operations: usize, took: Duration) {
        let handles = self.hub_handles();
        handles.commit_seconds.record(took);
        handles.commit_events.record(events as f64);
        handles.commit_operations.record(operations as f64);
    }

    fn ingested(&self, outcomes: &[EventOutcome]) {
        for outcome in outcomes {
            self.hub_handles().events(outcome.status).increment(1);
            if let Some(problem) = outcome.problem.as_ref().filter(|it| it.kind() == ErrorKind::Denied) {
                self.denied(problem.code());
            }
        }
    }

    fn planned(&self, planner: &str, succeeded: bool, took: Duration) {
        let labels = [("planner", planner), ("outcome", outcome(succeeded))];
        self.registry().histogram("hub_plan_seconds", &labels).record(took);
    }

    fn window_planned(&self, planner: &str, took: Duration) {
        self.registry().histogram("hub_window_seconds", &[("planner", planner)]).record(took);
    }

    fn spent(&self, planner: &str, usage: Usage) {
        let registry = self.registry();
        registry.counter("hub_plan_requests_total", &[("planner", planner)]).increment(usage.requests);
        for (kind, tokens) in [("input", usage.input_tokens), ("output", usage.output_tokens)] {
            let labels = [("planner", planner), ("kind", kind)];
            registry.counter("hub_plan_tokens_total", &labels).increment(tokens);
        }
    }

    fn ran(&self, tool: &str, succeeded: bool, took: Duration) {
        let labels = [("tool", tool), ("outcome", outcome(succeeded))];
        self.registry().histogram("hub_tool_seconds", &labels).record(took);
    }
}

fn outcome(succeeded: bool) -> &'static str {
    if succeeded { "succeeded" } else { "failed" }
}
