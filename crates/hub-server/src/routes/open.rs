//! Routes without a token: life, readiness, metrics, and the interface's description.

use super::endpoint::finish;
use super::table::Route;
use crate::errors::{Failure, Result};
use crate::openapi::{OperationDraft, document_text};
use crate::server::{AppState, Arrival};
use crate::telemetry::RouteMetrics;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response};
use axum::routing::get;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Time in which the database must answer to count as ready.
const READY_WITHIN: Duration = Duration::from_secs(2);

fn open<F, Fut>(
    path: &'static str,
    summary: &'static str,
    describe: fn(&mut OperationDraft),
    handler: F,
) -> Route
where
    F: Fn(AppState) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Response<Body>>> + Send + 'static,
{
    let mount = move |state: &AppState| {
        let metrics = Arc::new(RouteMetrics::new(&state.shared().metrics, &format!("GET {path}")));
        let handler = handler.clone();
        get(move |State(state): State<AppState>, mut request: Request| async move {
            let started = Instant::now();
            let arrival = Arrival::of(request.extensions_mut().remove(), request.headers());
            let outcome = handler(state.clone()).await;
            finish(&state, &metrics, &arrival, started, outcome)
        })
    };
    Route { method: "GET", path, is_open: true, summary, mount: Box::new(mount), describe }
}

pub(super) fn healthz() -> Route {
    open("/healthz", "The process lives.", |draft| draft.text("text/plain"), |_| async { Ok(text("ok\n")) })
}

pub(super) fn readyz() -> Route {
    open(
        "/readyz",
        "The database answers; 503 while it does not.",
        |draft| draft.text("text/plain"),
        |state| async move {
            ready(&state).await?;
            Ok(text("ready\n"))
        },
    )
}

pub(super) fn metrics() -> Route {
    let describe = |draft: &mut OperationDraft| draft.text("text/plain");
    open("/metrics", "Metrics in Prometheus' text format.", describe, |state| async move {
        let metrics = &state.shared().metrics;
        crate::telemetry::scrape(state.hub(), metrics, READY_WITHIN).await;
        Ok(text(metrics.render()))
    })
}

pub(super) fn openapi() -> Route {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(document_text()));
    let describe = |draft: &mut OperationDraft| draft.text("application/json");
    open("/openapi.json", "This description.", describe, |_| async {
        Ok(typed(DOCUMENT.clone(), "application/json"))
    })
}

async fn ready(state: &AppState) -> Result<()> {
    match timeout(READY_WITHIN, state.hub().ready()).await {
        Ok(answered) => Ok(answered?),
        Err(_) => Err(Failure::from(hub_core::Error::unavailable(
            "store_unavailable",
            "the database does not answer",
        ))),
    }
}

fn text(body: impl Into<Bytes>) -> Response<Body> {
    typed(body.into(), "text/plain; version=0.0.4; charset=utf-8")
}

fn typed(body: Bytes, media_type: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
