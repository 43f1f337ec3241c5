//! Every route, one line each.

use super::endpoint::{self, Endpoint};
use super::{agents, events, open, recall, spaces};
use crate::openapi::OperationDraft;
use crate::server::AppState;
use crate::telemetry::RouteMetrics;
use axum::extract::{Request, State};
use axum::routing::{MethodFilter, MethodRouter, on};

/// A route.
pub struct Route {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// With `{name}` for each part that varies.
    pub path: &'static str,
    /// Whether it needs no token.
    pub is_open: bool,
    /// What it does, in a sentence.
    pub summary: &'static str,
    pub(super) mount: Box<dyn Fn(&AppState) -> MethodRouter<AppState> + Send + Sync>,
    pub(crate) describe: fn(&mut OperationDraft),
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// A route that needs a token.
fn route<I: 'static, E: Endpoint<I>>(
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    endpoint: E,
) -> Route {
    let mount = move |state: &AppState| {
        let metrics = RouteMetrics::new(&state.shared().metrics, &format!("{method} {path}"));
        let endpoint = endpoint.clone();
        let handler = move |State(state): State<AppState>, request: Request| {
            endpoint::serve::<I, E>(endpoint, state, metrics, path, request)
        };
        on(filter(method), handler)
    };
    Route { method, path, is_open: false, summary, mount: Box::new(mount), describe: E::describe }
}

fn filter(method: &str) -> MethodFilter {
    match method {
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        "PATCH" => MethodFilter::PATCH,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}

/// Every route that this server has.
#[must_use]
#[rustfmt::skip] // One line a route reads as the table that it is.
pub fn table() -> Vec<Route> {
    vec![
        open::healthz(),
        open::readyz(),
        open::metrics(),
        open::openapi(),
        route("POST", "/v1/agents", "Makes an agent.", agents::create),
        route("GET", "/v1/agents", "The agents that the caller may see.", agents::list),
        route("GET", "/v1/agents/{agent_id}", "One agent.", agents::get),
        route("PATCH", "/v1/agents/{agent_id}", "Changes an agent.", agents::update),
        route("DELETE", "/v1/agents/{agent_id}", "Deletes an agent and everything of it but its log.", agents::delete),
        route("GET", "/v1/agents/{agent_id}/status", "Queues, log and counts of an agent.", agents::status),
        route("POST", "/v1/agents/{agent_id}/spaces", "Makes a space.", spaces::create),
        route("GET", "/v1/agents/{agent_id}/spaces", "The spaces of an agent.", spaces::list),
        route("GET", "/v1/spaces/{space_id}", "One space.", spaces::get),
        route("PATCH", "/v1/spaces/{space_id}", "Renames a space, or begins or ends its privacy.", spaces::update),
        route("DELETE", "/v1/spaces/{space_id}", "Deletes a space and what was said there.", spaces::delete),
        route("POST", "/v1/events", "Stores one event or a batch; each gets its own outcome.", events::append),
        route("GET", "/v1/spaces/{space_id}/events", "The events of a space, in the order stored.", events::list),
        route("DELETE", "/v1/events/{event_id}", "Forgets an event and what was derived from it.", events::forget),
        route("POST", "/v1/recall", "Finds the memories that bear on a question.", recall::recall),
    ]
}
