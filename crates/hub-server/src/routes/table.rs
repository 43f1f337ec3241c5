//! Every route, one line each.

use super::endpoint::{self, Endpoint};
use super::{
    actions, agents, artifacts, audit, consents, dead_letters, devices, event_types, events, memories, open,
    people, presence, recall, spaces, tokens, tools,
};
use crate::openapi::OperationDraft;
use crate::server::AppState;
use crate::telemetry::RouteMetrics;
use axum::extract::{Request, State};
use axum::routing::{MethodFilter, MethodRouter, on};
use std::sync::Arc;

/// Puts a handler, with its metrics, under its method.
pub(super) type Mount = Box<dyn Fn(&AppState) -> MethodRouter<AppState> + Send + Sync>;

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
    pub(super) mount: Mount,
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
        let metrics = Arc::new(RouteMetrics::new(&state.shared().metrics, &format!("{method} {path}")));
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
        route("POST", "/v1/agents/{agent_id}/devices", "Makes a device and its token, which is shown once.", devices::create),
        route("GET", "/v1/agents/{agent_id}/devices", "The devices of an agent.", devices::list),
        route("GET", "/v1/devices/{device_id}", "One device.", devices::get),
        route("PATCH", "/v1/devices/{device_id}", "Renames a device, or sets its scopes.", devices::update),
        route("POST", "/v1/devices/{device_id}/rotate", "Gives a device a new token; the old one stops working.", devices::rotate),
        route("POST", "/v1/devices/{device_id}/revoke", "Takes a device out of service.", devices::revoke),
        route("POST", "/v1/agents/{agent_id}/people", "Makes a person.", people::create),
        route("GET", "/v1/agents/{agent_id}/people", "The people of an agent.", people::list),
        route("GET", "/v1/people/{person_id}", "One person.", people::get),
        route("PATCH", "/v1/people/{person_id}", "Renames a person.", people::update),
        route("DELETE", "/v1/people/{person_id}", "Deletes a person and what was said by and remembered about them.", people::delete),
        route("POST", "/v1/people/{person_id}/consents", "Grants consent, as that person or an owner.", consents::grant),
        route("GET", "/v1/people/{person_id}/consents", "The grants of a person, ended ones too.", consents::list),
        route("DELETE", "/v1/consents/{consent_id}", "Revokes a grant and erases what rests on it.", consents::revoke),
        route("POST", "/v1/agents/{agent_id}/tokens", "Makes a token for a person or a delegate; it is shown once.", tokens::create),
        route("GET", "/v1/agents/{agent_id}/tokens", "The tokens of an agent, without their secrets.", tokens::list),
        route("DELETE", "/v1/tokens/{token_id}", "Revokes a token.", tokens::revoke),
        route("POST", "/v1/events", "Stores one event or a batch; each gets its own outcome.", events::append),
        route("GET", "/v1/spaces/{space_id}/events", "The events of a space, in the order stored.", events::list),
        route("DELETE", "/v1/events/{event_id}", "Forgets an event and what was derived from it.", events::forget),
        route("PUT", "/v1/agents/{agent_id}/event-types/{type}", "Registers a custom type of event.", event_types::put),
        route("GET", "/v1/agents/{agent_id}/event-types/{type}", "One custom type of event.", event_types::get),
        route("GET", "/v1/agents/{agent_id}/event-types", "The custom types of event.", event_types::list),
        route("POST", "/v1/recall", "Finds the memories that bear on a question.", recall::recall),
        route("POST", "/v1/agents/{agent_id}/memories", "Keeps a note by hand.", memories::create),
        route("GET", "/v1/agents/{agent_id}/memories", "The memories that the caller may read.", memories::list),
        route("GET", "/v1/memories/{memory_id}", "One memory.", memories::get),
        route("PATCH", "/v1/memories/{memory_id}", "Corrects a fact; the corrected one is a new memory.", memories::update),
        route("DELETE", "/v1/memories/{memory_id}", "Forgets a memory.", memories::forget),
        route("POST", "/v1/agents/{agent_id}/actions", "Proposes an action.", actions::propose),
        route("GET", "/v1/agents/{agent_id}/actions", "The actions that the caller may see.", actions::list),
        route("GET", "/v1/actions/{action_id}", "One action, with what would run and its digest.", actions::get),
        route("POST", "/v1/actions/{action_id}/approve", "Approves exactly what was shown.", actions::approve),
        route("POST", "/v1/actions/{action_id}/reject", "Refuses an action.", actions::reject),
        route("POST", "/v1/actions/{action_id}/cancel", "Withdraws an action that has not begun.", actions::cancel),
        route("POST", "/v1/actions/{action_id}/resolve", "Says how a run ended whose outcome is unknown.", actions::resolve),
        route("GET", "/v1/agents/{agent_id}/dead-letters", "Jobs that were given up.", dead_letters::list),
        route("POST", "/v1/dead-letters/{dead_letter_id}/replay", "Lets a job be tried again.", dead_letters::replay),
        route("GET", "/v1/agents/{agent_id}/tools", "The tools that actions can use.", tools::list),
        route("POST", "/v1/spaces/{space_id}/presence", "Reports who is in a space.", presence::report),
        route("GET", "/v1/spaces/{space_id}/presence", "Who is in a space.", presence::list),
        route("POST", "/v1/artifacts", "Hands in an artifact: the body is its bytes.", artifacts::create),
        route("GET", "/v1/artifacts/{artifact_id}", "The bytes of an artifact, or a range of them.", artifacts::content),
        route("DELETE", "/v1/artifacts/{artifact_id}", "Forgets an artifact and what refers to it.", artifacts::forget),
        route("GET", "/v1/agents/{agent_id}/artifacts", "What is known of the artifacts that the caller may read.", artifacts::list),
        route("GET", "/v1/agents/{agent_id}/audit/entries", "The log, oldest first.", audit::entries),
        route("GET", "/v1/agents/{agent_id}/audit/checkpoint", "Where the log ends.", audit::checkpoint),
    ]
}
