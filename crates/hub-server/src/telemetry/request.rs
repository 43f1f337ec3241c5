//! The span of a request, by OpenTelemetry's names for HTTP: its route and never its path, no header, no body.

use crate::errors::Result;
use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};
use hub_core::Context;
use hub_core::trace::{TARGET, TraceContext, Traces, failed};
use tracing::Span;
use tracing::field::Empty;

/// The trace that a caller says a request is a part of (W3C Trace Context). Two such headers say nothing.
pub(crate) fn trace_of(headers: &HeaderMap) -> Option<TraceContext> {
    let mut given = headers.get_all("traceparent").iter();
    match (given.next(), given.next()) {
        (Some(header), None) => TraceContext::parse(header.to_str().ok()?),
        _ => None,
    }
}

/// The span of a request.
#[derive(Debug, Clone)]
pub(crate) struct RequestSpan(Span);

impl RequestSpan {
    /// Begins it, in the trace of the caller if there is one. `route` is method and path.
    pub(crate) fn begin(traces: &dyn Traces, route: &str, caller: Option<TraceContext>) -> Self {
        let (method, path) = route.split_once(' ').unwrap_or(("_OTHER", route));
        let span = tracing::info_span!(
            target: TARGET, parent: None, "request", otel.name = route, otel.kind = "server",
            "http.request.method" = method, "http.route" = path, http.response.status_code = Empty,
            hub.agent_id = Empty, hub.principal = Empty, hub.problem = Empty, "error.type" = Empty,
            otel.status_code = Empty
        );
        if let Some(caller) = caller {
            traces.go_on(&span, caller);
        }
        Self(span)
    }

    /// What is to be done in it.
    pub(crate) fn span(&self) -> Span {
        self.0.clone()
    }

    /// Notes who asks, without a name.
    pub(crate) fn is_of(&self, caller: &Context) {
        self.0.record("hub.principal", caller.principal.kind().as_str());
        if let Some(agent) = caller.principal.agent_id() {
            self.0.record("hub.agent_id", tracing::field::display(agent));
        }
    }

    /// Notes what is answered. That a caller is refused is no failure of the hub.
    pub(crate) fn answered(&self, outcome: &Result<Response<Body>>) {
        let (status, code) = match outcome {
            Ok(response) => (response.status(), None),
            Err(failure) => (failure.status, Some(failure.error.code())),
        };
        self.0.record("http.response.status_code", i64::from(status.as_u16()));
        if let Some(code) = code {
            self.0.record("hub.problem", code);
        }
        if status >= StatusCode::INTERNAL_SERVER_ERROR {
            failed(&self.0, code.unwrap_or("internal"));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn one_header_names_the_trace_and_two_do_not() {
        let mut headers = HeaderMap::new();
        assert_eq!(trace_of(&headers), None);
        headers.append("traceparent", HEADER.parse().unwrap());
        assert_eq!(trace_of(&headers), TraceContext::parse(HEADER));
        headers.append("traceparent", HEADER.parse().unwrap());
        assert_eq!(trace_of(&headers), None);
    }
}
