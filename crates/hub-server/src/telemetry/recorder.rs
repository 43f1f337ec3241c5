//! Metrics in Prometheus' text format. Handles are made once; recording touches atomics only.

use super::observer::HubHandles;
use super::sent::Sent;
use axum::http::StatusCode;
use hub_core::observe::Observer;
use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder as _, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Bounds of the buckets of durations, in seconds.
const SECONDS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];
/// Bounds of the buckets of sizes.
const SIZES: [f64; 9] = [1.0, 2.0, 5.0, 10.0, 25.0, 100.0, 250.0, 1_000.0, 4_000.0];
const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, None);

/// The metrics of one server. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Recorded>);

struct Recorded {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    hub: HubHandles,
    #[cfg_attr(not(feature = "otlp"), allow(dead_code, reason = "the counters are there, and stay at zero"))]
    sent: Sent,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Metrics that count from zero.
    #[must_use]
    pub fn new() -> Self {
        let builder = PrometheusBuilder::new();
        // Bounds are not empty, which is all that could be wrong with them.
        let builder = builder.set_buckets(&SECONDS).unwrap_or_else(|_| PrometheusBuilder::new());
        let sizes = ["hub_commit_events", "hub_commit_operations"].map(str::to_owned);
        let builder = sizes.into_iter().try_fold(builder, |builder, name| {
            builder.set_buckets_for_metric(metrics_exporter_prometheus::Matcher::Full(name), &SIZES)
        });
        let recorder = builder.unwrap_or_else(|_| PrometheusBuilder::new()).build_recorder();
        describe(&recorder);
        let hub = HubHandles::new(&Registry(&recorder));
        let sent = Sent::new(&Registry(&recorder));
        let handle = recorder.handle();
        Self(Arc::new(Recorded { recorder, handle, hub, sent }))
    }

    /// The watcher to build the hub with.
    #[must_use]
    pub fn observer(&self) -> Arc<dyn Observer> {
        Arc::new(self.clone())
    }

    pub(super) fn hub_handles(&self) -> &HubHandles {
        &self.0.hub
    }

    /// Counts what becomes of telemetry.
    #[cfg(feature = "otlp")]
    pub(super) fn sent(&self) -> Sent {
        self.0.sent.clone()
    }

    pub(crate) fn registry(&self) -> Registry<'_> {
        Registry(&self.0.recorder)
    }

    pub(crate) fn render(&self) -> String {
        self.0.handle.render()
    }

    /// Folds samples into their buckets.
    pub(crate) fn upkeep(&self) {
        self.0.handle.run_upkeep();
    }

    /// Counts a refusal for want of a token or a right.
    pub(crate) fn denied(&self, code: &'static str) {
        self.registry().counter("hub_denials_total", &[("code", code)]).increment(1);
    }
}

/// Makes handles.
pub(crate) struct Registry<'r>(&'r PrometheusRecorder);

impl Registry<'_> {
    pub(crate) fn counter(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Counter {
        self.0.register_counter(&key(name, labels), &METADATA)
    }

    pub(crate) fn gauge(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Gauge {
        self.0.register_gauge(&key(name, labels), &METADATA)
    }

    pub(crate) fn histogram(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Histogram {
        self.0.register_histogram(&key(name, labels), &METADATA)
    }
}

fn key(name: &'static str, labels: &[(&'static str, &str)]) -> Key {
    let labels: Vec<Label> =
        labels.iter().map(|(name, value)| Label::new(*name, (*value).to_owned())).collect();
    Key::from_parts(name, labels)
}

/// Handles of one route.
pub(crate) struct RouteMetrics {
    /// Method and path, as metrics and logs name the route.
    pub(crate) route: Arc<str>,
    statuses: [Counter; 6],
    took: Histogram,
    in_flight: Gauge,
}

/// A request that is being answered, until it is dropped.
pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

impl RouteMetrics {
    pub(crate) fn new(metrics: &Metrics, route: &str) -> Self {
        let registry = metrics.registry();
        let statuses = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"].map(|status| {
            registry.counter("hub_http_requests_total", &[("route", route), ("status", status)])
        });
        let took = registry.histogram("hub_http_request_seconds", &[("route", route)]);
        Self {
            route: route.into(),
            statuses,
            took,
            in_flight: registry.gauge("hub_http_requests_in_flight", &[]),
        }
    }

    /// Counts a request until the answer is dropped.
    pub(crate) fn begin(&self) -> InFlight {
        self.in_flight.increment(1.0);
        InFlight(self.in_flight.clone())
    }

    pub(crate) fn record(&self, status: StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100);
        if let Some(counter) = self.statuses.get(class).or_else(|| self.statuses.first()) {
            counter.increment(1);
        }
        self.took.record(took);
    }
}

fn describe(recorder: &PrometheusRecorder) {
    for (name, text) in [
        ("hub_events_total", "Events by outcome."),
        (
            "hub_denials_total",
            "Requests and events that were refused for want of a token or a right, by code.",
        ),
        ("hub_http_requests_total", "Requests by route and class of status."),
        ("hub_plan_requests_total", "Requests to models, by planner."),
        ("hub_otlp_spans_total", "Spans that were to be sent to a collector, by outcome."),
        ("hub_otlp_messages_total", "Messages to a collector, by kind of telemetry and outcome."),
        ("hub_plan_tokens_total", "Tokens that models read (input) and wrote (output), by planner."),
    ] {
        recorder.describe_counter(name.into(), None, text.into());
    }
    for (name, unit, text) in [
        ("hub_commit_seconds", Unit::Seconds, "Time from the beginning of a group of writes to its commit."),
        ("hub_commit_events", Unit::Count, "Events in one commit."),
        ("hub_commit_operations", Unit::Count, "Operations in one commit."),
        ("hub_plan_seconds", Unit::Seconds, "Time to plan one window of talk, by planner and outcome."),
        (
            "hub_window_seconds",
            Unit::Seconds,
            "Time from the claim of a window until its plan is written, by the agent's planner.",
        ),
        ("hub_tool_seconds", Unit::Seconds, "Time of one run of a tool, by tool and outcome."),
        ("hub_http_request_seconds", Unit::Seconds, "Time from a request's head to its answer, by route."),
    ] {
        recorder.describe_histogram(name.into(), Some(unit), text.into());
    }
    for (name, unit, text) in [
        ("hub_queue_depth", Unit::Count, "Jobs by queue and state."),
        ("hub_queue_oldest_seconds", Unit::Seconds, "Age of the oldest job of a queue that may be claimed."),
        ("hub_http_requests_in_flight", Unit::Count, "Requests that are being answered."),
        (
            "hub_plan_tokens_per_day",
            Unit::Count,
            "Tokens that models may read and write for one agent in a day.",
        ),
        ("hub_ready", Unit::Count, "1 while the database answers."),
    ] {
        recorder.describe_gauge(name.into(), Some(unit), text.into());
    }
}
