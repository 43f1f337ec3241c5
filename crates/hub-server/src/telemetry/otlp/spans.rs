//! Spans on their way out: a bounded queue, batches, and a count of what was lost.

use super::post::{Lost, Post};
use crate::telemetry::sent::{Outcome, Sent, Signal};
use opentelemetry::Context;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor,
};
use prost::Message as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;

/// Spans that ended and were not taken by the exporter yet.
type Waiting = Arc<AtomicUsize>;

/// Batches in front of a collector. OpenTelemetry's own processor does the work; its queue drops without
/// telling how much, so spans that find no place are counted, and dropped, before they come to it.
#[derive(Debug)]
pub(super) struct Bounded {
    inner: BatchSpanProcessor,
    waiting: Waiting,
    places: usize,
    sent: Sent,
}

impl Bounded {
    /// To be made inside the runtime that is to send.
    pub(super) fn new(post: Post, places: usize, sent: Sent) -> Self {
        let waiting = Waiting::default();
        let exporter = Exporter {
            post,
            resource: ResourceAttributesWithSchema::default(),
            runtime: Handle::current(),
            waiting: waiting.clone(),
            sent: sent.clone(),
        };
        let config = BatchConfigBuilder::default().with_max_queue_size(places).build();
        Self { inner: BatchSpanProcessor::new(exporter, config), waiting, places, sent }
    }
}

impl SpanProcessor for Bounded {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.inner.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= self.places {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            self.sent.spans(Outcome::Full, 1);
            return;
        }
        self.inner.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, within: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(within)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

#[derive(Debug)]
struct Exporter {
    post: Post,
    resource: ResourceAttributesWithSchema,
    /// The processor has a thread of its own, where no client can work.
    runtime: Handle,
    waiting: Waiting,
    sent: Sent,
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        self.waiting.fetch_sub(spans, Ordering::AcqRel);
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        let message = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        let post = self.post.clone();
        let sent = self.runtime.spawn(async move { post.send(message).await }).await;
        // A runtime that ends takes the message with it.
        let sent = sent.unwrap_or(Err(Lost::Late));
        self.sent.message(Signal::Traces, sent.as_ref().map(|_| ()).map_err(|lost| *lost));
        match sent {
            Ok(answer) => {
                let refused = refused(&answer).min(spans);
                self.sent.spans(Outcome::Failed, refused);
                self.sent.spans(Outcome::Sent, spans - refused);
                Ok(())
            }
            Err(lost) => {
                self.sent.spans(Outcome::Failed, spans);
                Err(OTelSdkError::InternalFailure(lost.to_string()))
            }
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}

/// Spans of a message that its collector did not want.
fn refused(answer: &[u8]) -> usize {
    let answer = ExportTraceServiceResponse::decode(answer).unwrap_or_default();
    let refused = answer.partial_success.map_or(0, |partly| partly.rejected_spans);
    usize::try_from(refused).unwrap_or(0)
}
