//! Traces: which work followed from which, also in another process and days later.
//!
//! The hub marks its work with spans of `tracing`, at [`TARGET`]. What becomes of them is up to the program:
//! `hub-server` sends them on by OpenTelemetry, and without anybody who listens they cost a comparison. A span
//! ends with its process; what follows from it may begin in another one, so the hub keeps the
//! [`TraceContext`] beside the talk and the actions from which more will follow. Spans carry names, codes,
//! counts and ids of things; never content, never who a person is.

mod context;

pub use context::TraceContext;

use crate::Error;
use crate::queue::Lease;
use std::fmt::Debug;
use tracing::Span;
use tracing::field::Empty;

/// The target of the hub's spans. It begins as no crate does, so that filters of logs take it for itself.
pub const TARGET: &str = "otel::hub";

/// Who records spans: the bridge between those of a process and the contexts that outlive it.
///
/// No method may block.
pub trait Traces: Send + Sync + Debug {
    /// Whether contexts are kept and looked for. Without, the database hears nothing of traces.
    fn are_recorded(&self) -> bool {
        false
    }

    /// The context of a span; `None` where nobody records it.
    fn context(&self, span: &Span) -> Option<TraceContext> {
        let _ = span;
        None
    }

    /// Lets a span that was not entered yet go on from a context of elsewhere.
    fn go_on(&self, span: &Span, from: TraceContext) {
        let _ = (span, from);
    }

    /// Notes that a span has to do with another one, of this trace or of another.
    fn link(&self, span: &Span, to: TraceContext) {
        let _ = (span, to);
    }
}

/// Records nothing.
#[derive(Debug, Default, Clone, Copy)]
pub struct Untraced;

impl Traces for Untraced {}

/// A span that is worth having only as a part of something: none where nothing is under way.
pub(crate) fn part_of_current(span: impl FnOnce() -> Span) -> Span {
    if Span::current().is_none() { Span::none() } else { span() }
}

/// From the moment at which a write is handed over until it is durable.
pub(crate) fn commit(events: Option<usize>) -> Span {
    part_of_current(|| {
        let events = events.map(count);
        tracing::info_span!(
            target: TARGET, "commit", hub.events = events, "error.type" = Empty, otel.status_code = Empty
        )
    })
}

/// What a worker makes of a job, by OpenTelemetry's names for queues. It begins a trace until it is placed in
/// another one.
pub(crate) fn job(queue: &'static str, lease: &Lease) -> Span {
    tracing::info_span!(
        target: TARGET, parent: None, "process", otel.name = format!("process {queue}"), otel.kind = "consumer",
        messaging.system = "hub", messaging.destination.name = queue, messaging.operation.name = "process",
        "messaging.operation.type" = "process", hub.agent_id = %lease.agent.agent_id(), hub.attempt = lease.attempts,
        hub.window_id = Empty, hub.action_id = Empty, hub.utterances = Empty, "error.type" = Empty,
        otel.status_code = Empty
    )
}

/// A number as spans carry it: unsigned ones would arrive as text.
pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Notes on a span how its work ended: an error by its code alone, in the fields `error.type` and
/// `otel.status_code`, which the span was made with.
pub fn ended<T>(span: &Span, outcome: &Result<T, Error>) {
    if let Err(error) = outcome {
        failed(span, error.code());
    }
}

/// Notes on a span that its work failed, in the same fields.
pub fn failed(span: &Span, code: &str) {
    span.record("error.type", code);
    span.record("otel.status_code", "ERROR");
}
