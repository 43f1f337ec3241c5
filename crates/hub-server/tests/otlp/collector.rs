//! A collector of OpenTelemetry: it takes OTLP over HTTP, reads it with OpenTelemetry's own messages, and keeps it.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tower::Service as _;

/// How a collector behaves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Manner {
    /// Before it answers.
    pub(crate) delay: Duration,
    /// What it answers instead of 200, and how often.
    pub(crate) refuses: Option<(u16, usize)>,
}

#[derive(Debug, Default)]
struct Taken {
    spans: Vec<Told>,
    metrics: Vec<Vec<Metric>>,
    raw: Vec<u8>,
    headers: Vec<HeaderMap>,
    refused: usize,
}

/// A span, and which process told of it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) span: Span,
    pub(crate) process: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
struct Shared {
    taken: Arc<Mutex<Taken>>,
    manner: Manner,
}

/// A collector that runs as long as the runtime of its test.
#[derive(Debug)]
pub(crate) struct Collector {
    pub(crate) url: String,
    taken: Arc<Mutex<Taken>>,
}

/// Text of an attribute's value.
pub(crate) fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        Some(any_value::Value::BoolValue(flag)) => flag.to_string(),
        Some(any_value::Value::DoubleValue(number)) => number.to_string(),
        other => panic!("an attribute that nobody expects: {other:?}"),
    }
}

pub(crate) fn attributes(pairs: &[KeyValue]) -> BTreeMap<String, String> {
    pairs.iter().map(|pair| (pair.key.clone(), text(pair.value.as_ref()))).collect()
}

impl Told {
    pub(crate) fn id(&self) -> Vec<u8> {
        self.span.span_id.clone()
    }

    pub(crate) fn attributes(&self) -> BTreeMap<String, String> {
        attributes(&self.span.attributes)
    }
}

impl Collector {
    pub(crate) async fn start(manner: Manner) -> Self {
        let shared = Shared { taken: Arc::default(), manner };
        let taken = shared.taken.clone();
        let router = Router::new()
            .route("/v1/traces", post(take_traces))
            .route("/v1/metrics", post(take_metrics))
            .with_state(shared);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let router = router.clone();
                let service = service_fn(move |request: hyper::Request<Incoming>| {
                    let mut router = router.clone();
                    async move { router.call(request.map(Body::new)).await }
                });
                let stream = TokioIo::new(stream);
                tokio::spawn(http1::Builder::new().serve_connection(stream, service));
            }
        });
        Self { url, taken }
    }

    /// Everything that was told so far.
    pub(crate) fn spans(&self) -> Vec<Told> {
        self.taken.lock().unwrap().spans.clone()
    }

    /// Each message of metrics.
    pub(crate) fn metrics(&self) -> Vec<Vec<Metric>> {
        self.taken.lock().unwrap().metrics.clone()
    }

    /// All bytes, as they came.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.taken.lock().unwrap().raw.clone()
    }

    pub(crate) fn headers(&self) -> Vec<HeaderMap> {
        self.taken.lock().unwrap().headers.clone()
    }
}

impl Shared {
    async fn answer(&self, headers: HeaderMap, body: &Bytes) -> Result<(), Response> {
        tokio::time::sleep(self.manner.delay).await;
        let mut taken = self.taken.lock().unwrap();
        assert_eq!(headers["content-type"], "application/x-protobuf");
        taken.headers.push(headers);
        if let Some((status, times)) = self.manner.refuses
            && taken.refused < times
        {
            taken.refused += 1;
            return Err(StatusCode::from_u16(status).unwrap().into_response());
        }
        taken.raw.extend_from_slice(body);
        Ok(())
    }
}

async fn take_traces(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refusal) = shared.answer(headers, &body).await {
        return refusal;
    }
    let message = ExportTraceServiceRequest::decode(body).unwrap();
    let mut taken = shared.taken.lock().unwrap();
    for of_process in message.resource_spans {
        let process = attributes(&of_process.resource.unwrap_or_default().attributes);
        for span in of_process.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            taken.spans.push(Told { span, process: process.clone() });
        }
    }
    StatusCode::OK.into_response()
}

async fn take_metrics(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refusal) = shared.answer(headers, &body).await {
        return refusal;
    }
    let message = ExportMetricsServiceRequest::decode(body).unwrap();
    let metrics = message.resource_metrics.into_iter().flat_map(|of_process| of_process.scope_metrics);
    let metrics = metrics.flat_map(|scope| scope.metrics).collect();
    shared.taken.lock().unwrap().metrics.push(metrics);
    StatusCode::OK.into_response()
}
