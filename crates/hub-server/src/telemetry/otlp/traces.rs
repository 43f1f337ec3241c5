//! The hub's port for traces, on OpenTelemetry.

use hub_core::trace::{TARGET, TraceContext, Traces};
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, TracerProvider as _,
};
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::{Layer, Registry};

/// Spans that OpenTelemetry records.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Recorded;

impl Traces for Recorded {
    fn are_recorded(&self) -> bool {
        true
    }

    fn context(&self, span: &Span) -> Option<TraceContext> {
        let context = span.context();
        let span = context.span();
        let span = span.span_context();
        TraceContext::new(span.trace_id().to_bytes(), span.span_id().to_bytes(), span.is_sampled())
    }

    fn go_on(&self, span: &Span, from: TraceContext) {
        // Without somebody who records the span there is nothing to place.
        let _placed = span.set_parent(Context::new().with_remote_span_context(remote(from)));
    }

    fn link(&self, span: &Span, to: TraceContext) {
        span.add_link(remote(to));
    }
}

fn remote(context: TraceContext) -> SpanContext {
    let flags = if context.is_sampled() { TraceFlags::SAMPLED } else { TraceFlags::default() };
    SpanContext::new(
        TraceId::from_bytes(context.trace_id()),
        SpanId::from_bytes(context.span_id()),
        flags,
        true,
        TraceState::default(),
    )
}

/// Hears the hub's spans and nothing else: what is logged may say more than what is traced.
pub(super) fn layer(provider: &SdkTracerProvider) -> Box<dyn Layer<Registry> + Send + Sync> {
    let scope = InstrumentationScope::builder("hub").with_version(env!("CARGO_PKG_VERSION")).build();
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer_with_scope(scope))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_context_activation(false)
        .with_filter(filter_fn(|about| about.is_span() && about.target() == TARGET))
        .boxed()
}
