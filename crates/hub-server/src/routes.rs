//! The table of routes. The router, the OpenAPI document and the test of who may do what are made
//! from it, so that none of them can miss a route.

mod actions;
mod agents;
mod answer;
mod artifacts;
mod audit;
mod consents;
mod dead_letters;
mod devices;
mod endpoint;
mod event_types;
mod events;
mod input;
mod memories;
mod open;
mod people;
mod presence;
mod recall;
mod spaces;
mod table;
mod tokens;
mod tools;

pub use table::{Route, table};

use crate::errors::{self, Failure};
use crate::server::{AppState, Arrival};
use crate::telemetry::RouteMetrics;
use axum::Router;
use axum::extract::{Request, State};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// The routes, each with its handler, and answers for what is no route.
pub(crate) fn router(state: AppState) -> Router {
    let mut router = Router::new();
    let mut methods: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
    for route in table() {
        methods.entry(route.path).or_default().push(route.method);
        router = router.route(route.path, (route.mount)(&state));
    }
    let unmatched = Arc::new(RouteMetrics::new(&state.shared().metrics, "none"));
    let nowhere = unmatched.clone();
    for (path, methods) in methods {
        let (metrics, methods) = (unmatched.clone(), methods.join(", "));
        let other = move |State(state): State<AppState>, request: Request| async move {
            let mut response = refuse(&state, &metrics, request, Failure::wrong_method());
            errors::allow(&mut response, &methods);
            response
        };
        router = router.route(path, axum::routing::MethodRouter::new().fallback(other));
    }
    router
        .fallback(move |State(state): State<AppState>, request: Request| async move {
            refuse(&state, &nowhere, request, Failure::unknown_route())
        })
        .with_state(state)
}

fn refuse(
    state: &AppState,
    metrics: &RouteMetrics,
    mut request: Request,
    failure: Failure,
) -> axum::response::Response {
    let arrival = Arrival::of(request.extensions_mut().remove(), request.headers());
    endpoint::finish(state, metrics, &arrival, Instant::now(), Err(failure))
}
