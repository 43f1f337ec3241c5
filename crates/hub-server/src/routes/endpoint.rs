//! How a handler becomes a route: authentication, limits, inputs, answer, id, metrics, log.

use super::answer::Answer;
use super::input::{Input, Received};
use crate::errors::{Failure, Result};
use crate::openapi::OperationDraft;
use crate::server::{AppState, Arrival};
use crate::telemetry::{RequestSpan, RouteMetrics};
use crate::{auth, limits};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts as _, RawPathParams, Request};
use axum::http::{Response, StatusCode};
use hub_core::ids::AgentId;
use hub_core::{Context, Error, Hub, Principal};
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;

/// A request whose caller is known.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) state: AppState,
    pub(crate) context: Context,
}

impl Call {
    pub(crate) fn hub(&self) -> &Hub {
        self.state.hub()
    }

    /// The caller's own agent, for answers about what only its own callers may read.
    pub(crate) fn agent(&self) -> Result<AgentId> {
        let own = self.context.principal.agent_id();
        Ok(own.ok_or_else(|| Error::denied("not_allowed", "an admin belongs to no agent"))?)
    }

    /// Whom rates are counted for.
    pub(crate) fn principal(&self) -> Uuid {
        match &self.context.principal {
            Principal::Admin => Uuid::nil(),
            Principal::Operator { person_id, .. } => person_id.0,
            Principal::Device { device_id, .. } => device_id.0,
            Principal::Delegate { token_id, .. } => token_id.0,
            Principal::Worker { agent_id, .. } => agent_id.0,
        }
    }
}

/// An async function of a [`Call`] and up to two inputs.
pub(crate) trait Endpoint<Inputs>: Clone + Send + Sync + 'static {
    /// Whether it reads the body.
    const BODY: bool;

    /// Runs it.
    fn run(&self, call: Call, received: Received) -> impl Future<Output = Result<Response<Body>>> + Send;

    /// Describes its inputs and its answer.
    fn describe(draft: &mut OperationDraft);
}

macro_rules! endpoints {
    ($(($($input:ident),*))+) => {$(
        impl<F, Fut, A, $($input,)*> Endpoint<($($input,)*)> for F
        where
            F: Fn(Call, $($input),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output = Result<A>> + Send,
            A: Answer,
            $($input: Input,)*
        {
            const BODY: bool = false $(|| $input::BODY)*;

            #[allow(unused_variables, unused_mut, non_snake_case, reason = "not every arity uses them")]
            async fn run(&self, call: Call, mut received: Received) -> Result<Response<Body>> {
                $(let $input = $input::read(&mut received)?;)*
                received.finish()?;
                (self)(call, $($input),*).await?.response()
            }

            fn describe(draft: &mut OperationDraft) {
                $($input::describe(draft);)*
                A::describe(draft);
            }
        }
    )+};
}

endpoints! { () (A1) (A1, A2) (A1, A2, A3) }

/// Answers one request to a route that needs a token.
pub(crate) async fn serve<I, E: Endpoint<I>>(
    endpoint: E,
    state: AppState,
    metrics: Arc<RouteMetrics>,
    path: &'static str,
    mut request: Request,
) -> Response<Body> {
    let (started, _in_flight) = (Instant::now(), metrics.begin());
    let mut arrival = Arrival::of(request.extensions_mut().remove(), request.headers());
    let traces = state.hub().traces();
    let span = RequestSpan::begin(traces, &metrics.route, arrival.trace);
    arrival.trace = traces.context(&span.span()).or(arrival.trace);
    let answered = answer::<I, E>(&endpoint, &state, path, request, &arrival, &span);
    let outcome = answered.instrument(span.span()).await;
    span.answered(&outcome);
    finish(&state, &metrics, &arrival, started, outcome)
}

async fn answer<I, E: Endpoint<I>>(
    endpoint: &E,
    state: &AppState,
    path: &'static str,
    request: Request,
    arrival: &Arrival,
    span: &RequestSpan,
) -> Result<Response<Body>> {
    let (mut parts, body) = request.into_parts();
    let mut context = auth::caller(state, &parts.headers, arrival.peer).await?;
    span.is_of(&context);
    context.trace_id = arrival.trace_id();
    let mut received = Received::new(parts.uri.query());
    if path.contains('{') {
        received.path = RawPathParams::from_request_parts(&mut parts, &())
            .await
            .map_err(|_| {
                Failure::from(Error::invalid("malformed_path", "the path is not percent-encoded UTF-8"))
            })?
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
    }
    let shared = state.shared();
    let _share;
    (received.body, _share) = if E::BODY {
        limits::read(&shared.limits.bodies, &parts.headers, body, shared.settings.body_seconds).await?
    } else {
        received.stream = body;
        (Bytes::new(), None)
    };
    received.headers = parts.headers;
    endpoint.run(Call { state: state.clone(), context }, received).await
}

/// What every answer gets: its id, its place in the metrics, its line in the log.
pub(crate) fn finish(
    state: &AppState,
    metrics: &RouteMetrics,
    arrival: &Arrival,
    started: Instant,
    outcome: Result<Response<Body>>,
) -> Response<Body> {
    let route = &*metrics.route;
    let mut response = match outcome {
        Ok(response) => {
            tracing::debug!(
                route,
                status = response.status().as_u16(),
                request_id = arrival.id(),
                trace_id = arrival.trace_id(),
                "answered"
            );
            response
        }
        Err(failure) => {
            refused(state, route, arrival, &failure);
            failure.response(arrival.id())
        }
    };
    response.headers_mut().insert(crate::server::REQUEST_ID, arrival.id.clone());
    metrics.record(response.status(), started.elapsed());
    response
}

#[cold]
fn refused(state: &AppState, route: &str, arrival: &Arrival, failure: &Failure) {
    let (status, code) = (failure.status.as_u16(), failure.error.code());
    if matches!(
        failure.status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    ) {
        state.shared().metrics.denied(code);
    }
    let (request_id, trace_id) = (arrival.id(), arrival.trace_id());
    if failure.status.is_server_error() {
        // The causes are the project's own and the database's; neither repeats parameters.
        let cause = causes(&failure.error);
        tracing::error!(route, status, code, request_id, trace_id, cause, "failed");
    } else {
        tracing::info!(route, status, code, request_id, trace_id, "refused");
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
