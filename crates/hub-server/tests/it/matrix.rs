//! Who may do what: every route for every kind of principal, on its own agent and on another.
//!
//! The rows are written from the contract. A route without a row, and a row without a route, fail.

use super::harness::{ADMIN, Database, Reply, Server, on_both_databases};
use super::world::{ARTIFACTS, World};
use async_trait::async_trait;
use hub_core::hub::HubBuilder;
use hub_core::planner::{Meter, Plan, Planner, Window};
use hub_core::vocabulary::PlannerKind;
use hub_core::{Error, Result};
use hub_server::routes::table;
use hub_server::server::Settings;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// Principals in the order of the columns. The device and the first delegate have every scope, the
/// bare ones have none.
const PRINCIPALS: [&str; 8] =
    ["admin", "owner", "member", "guest", "device", "bare device", "delegate", "bare delegate"];

/// `+` may, `-` is denied. Presence is reported of somebody else: a member or guest speaks for
/// himself only.
#[rustfmt::skip]
const ROWS: &str = "
                                                        admin owner member guest device bare delegate bare
    POST   /v1/agents                                     +     -     -      -     -     -      -      -
    GET    /v1/agents                                     +     +     +      +     +     +      -      -
    GET    /v1/agents/{agent_id}                          +     +     +      +     +     +      -      -
    PATCH  /v1/agents/{agent_id}                          +     +     -      -     -     -      -      -
    DELETE /v1/agents/{agent_id}                          +     -     -      -     -     -      -      -
    GET    /v1/agents/{agent_id}/status                   +     +     +      +     -     -      -      -
    POST   /v1/agents/{agent_id}/spaces                   +     +     -      -     -     -      -      -
    GET    /v1/agents/{agent_id}/spaces                   +     +     +      +     +     +      -      -
    GET    /v1/spaces/{space_id}                          +     +     +      +     +     +      -      -
    PATCH  /v1/spaces/{space_id}                          +     +     -      -     -     -      -      -
    DELETE /v1/spaces/{space_id}                          +     +     -      -     -     -      -      -
    POST   /v1/agents/{agent_id}/devices                  +     +     -      -     -     -      -      -
    GET    /v1/agents/{agent_id}/devices                  +     +     +      +     +     +      -      -
    GET    /v1/devices/{device_id}                        +     +     +      +     +     +      -      -
    PATCH  /v1/devices/{device_id}                        +     +     -      -     -     -      -      -
    POST   /v1/devices/{device_id}/rotate                 +     +     -      -     -     -      -      -
    POST   /v1/devices/{device_id}/revoke                 +     +     -      -     -     -      -      -
    POST   /v1/agents/{agent_id}/people                   +     +     -      -     -     -      -      -
    GET    /v1/agents/{agent_id}/people                   +     +     +      +     +     +      -      -
    GET    /v1/people/{person_id}                         +     +     +      +     +     +      -      -
    PATCH  /v1/people/{person_id}                         +     +     -      -     -     -      -      -
    DELETE /v1/people/{person_id}                         +     +     -      -     -     -      -      -
    POST   /v1/people/{person_id}/consents                -     +     -      -     -     -      -      -
    GET    /v1/people/{person_id}/consents                +     +     -      -     -     -      -      -
    DELETE /v1/consents/{consent_id}                      -     +     -      -     -     -      -      -
    POST   /v1/agents/{agent_id}/tokens                   +     +     -      -     -     -      -      -
    GET    /v1/agents/{agent_id}/tokens                   +     +     -      -     -     -      -      -
    DELETE /v1/tokens/{token_id}                          +     +     -      -     -     -      -      -
    POST   /v1/events                                     -     +     +      +     +     -      +      -
    GET    /v1/spaces/{space_id}/events                   -     +     +      +     +     -      +      -
    DELETE /v1/events/{event_id}                          -     +     +      -     +     -      +      -
    PUT    /v1/agents/{agent_id}/event-types/{type}       +     +     -      -     -     -      -      -
    GET    /v1/agents/{agent_id}/event-types/{type}       +     +     +      +     +     +      -      -
    GET    /v1/agents/{agent_id}/event-types              +     +     +      +     +     +      -      -
    POST   /v1/recall                                     -     +     +      +     +     -      +      -
    POST   /v1/agents/{agent_id}/memories                 -     +     +      -     +     -      +      -
    GET    /v1/agents/{agent_id}/memories                 -     +     +      +     +     -      +      -
    GET    /v1/memories/{memory_id}                       -     +     +      +     +     -      +      -
    PATCH  /v1/memories/{memory_id}                       -     +     +      -     +     -      +      -
    DELETE /v1/memories/{memory_id}                       -     +     +      -     +     -      +      -
    POST   /v1/agents/{agent_id}/actions                  -     +     +      +     +     -      +      -
    GET    /v1/agents/{agent_id}/actions                  -     +     +      +     +     -      +      -
    GET    /v1/actions/{action_id}                        -     +     +      +     +     -      +      -
    POST   /v1/actions/{action_id}/approve                -     +     +      -     -     -      -      -
    POST   /v1/actions/{action_id}/reject                 -     +     +      -     -     -      -      -
    POST   /v1/actions/{action_id}/cancel                 -     +     +      -     -     -      -      -
    POST   /v1/actions/{action_id}/resolve                -     +     +      -     -     -      -      -
    GET    /v1/agents/{agent_id}/dead-letters             +     +     +      +     -     -      -      -
    POST   /v1/dead-letters/{dead_letter_id}/replay       +     +     +      -     -     -      -      -
    GET    /v1/agents/{agent_id}/tools                    +     +     +      +     +     +      -      -
    POST   /v1/spaces/{space_id}/presence                 -     +     -      -     +     -      +      -
    GET    /v1/spaces/{space_id}/presence                 -     +     +      +     +     -      +      -
    POST   /v1/artifacts                                  -     +     +      +     +     -      +      -
    GET    /v1/artifacts/{artifact_id}                    -     +     +      +     +     -      +      -
    DELETE /v1/artifacts/{artifact_id}                    -     +     +      -     +     -      +      -
    GET    /v1/agents/{agent_id}/artifacts                -     +     +      +     +     -      +      -
    GET    /v1/agents/{agent_id}/audit/entries            +     +     +      +     -     -      -      -
    GET    /v1/agents/{agent_id}/audit/checkpoint         +     +     +      +     -     -      -      -
";

fn rows() -> BTreeMap<String, Vec<bool>> {
    let lines = ROWS.lines().skip(2).filter(|line| !line.trim().is_empty());
    let rows = lines.map(|line| {
        let mut words = line.split_whitespace();
        let route = format!("{} {}", words.next().unwrap(), words.next().unwrap());
        let may: Vec<bool> = words.map(|word| word == "+").collect();
        assert_eq!(may.len(), PRINCIPALS.len(), "{route}");
        (route, may)
    });
    rows.collect()
}

/// Gives up at once, so that there is a dead letter.
#[derive(Debug)]
struct GivesUp;

#[async_trait]
impl Planner for GivesUp {
    fn name(&self) -> &str {
        "gives-up"
    }

    fn version(&self) -> &str {
        "1"
    }

    async fn plan(&self, _window: Window, _: &Meter) -> Result<Plan> {
        Err(Error::invalid("gives_up", "this planner gives up"))
    }
}

fn tokens(world: &World) -> [&str; 8] {
    [
        ADMIN,
        &world.owner,
        &world.member,
        &world.guest,
        &world.device,
        &world.bare_device,
        &world.delegate,
        &world.bare_delegate,
    ]
}

/// A body that the route takes, about things of `world`.
async fn body(server: &Server, route: &str, path: &str, world: &World) -> Option<Value> {
    let (method, template) = route.split_once(' ').unwrap();
    let last = template.rsplit('/').next().unwrap();
    Some(match (method, last) {
        ("GET" | "DELETE", _) | ("POST", "rotate" | "revoke" | "cancel" | "replay") => return None,
        ("PATCH", "{memory_id}") => json!({"content": format!("another note {}", Uuid::new_v4())}),
        ("PATCH", _) | ("POST", "agents" | "spaces" | "devices" | "people") => json!({"name": "a name"}),
        ("POST", "consents") => json!({"kind": "voice"}),
        ("POST", "tokens") => {
            let expires_at = "2199-01-01T00:00:00Z";
            json!({"kind": "delegate", "name": "d", "scopes": [], "spaces": [world.space], "expires_at": expires_at})
        }
        ("POST", "events") => world.event("hello"),
        ("POST", "artifacts") => json!({"a": "drawing"}),
        ("PUT", "{type}") => json!({"type": "object"}),
        ("POST", "recall") => json!({"query": "hello", "space_id": world.space}),
        ("POST", "memories") => json!({"space_id": world.space, "content": format!("{}", Uuid::new_v4())}),
        ("POST", "actions") => world.action(),
        ("POST", "approve") => {
            let action = path.trim_end_matches("/approve");
            let shown = server.call("GET", action, &world.owner, None).await.body["binding_digest"].clone();
            let none = json!(format!("sha256:{}", "0".repeat(64)));
            json!({"binding_digest": if shown.is_null() { none } else { shown }})
        }
        ("POST", "reject") => json!({}),
        ("POST", "resolve") => json!({"outcome": "done"}),
        ("POST", "presence") => {
            let people = format!("/v1/agents/{}/people", world.agent);
            let person = server.get(&people, ADMIN).await["items"][0]["person_id"].clone();
            json!({"person_id": person, "state": "present"})
        }
        _ => panic!("no body for {route}"),
    })
}

/// Status and code of the answer; for events those of the one outcome.
fn outcome(reply: &Reply) -> (u16, String) {
    let problem = &reply.body["results"][0]["problem"];
    match problem["code"].as_str() {
        Some("missing_scope") => (403, "missing_scope".to_owned()),
        Some(code) => (404, code.to_owned()),
        None => (reply.status, reply.code().to_owned()),
    }
}

async fn worlds(database: &Database) -> (Server, World, World) {
    let build = |builder: HubBuilder| builder.planner(PlannerKind::OpenAi, Arc::new(GivesUp));
    let server = Server::start_on(database, Settings::default(), build).await;
    let (own, other) = (World::make(&server, "openai").await, World::make(&server, "openai").await);
    for world in [&own, &other] {
        let path = format!("/v1/agents/{}/event-types/custom.door", world.agent);
        assert_eq!(server.call("PUT", &path, ADMIN, Some(json!({"type": "object"}))).await.status, 200);
    }
    (server, own, other)
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let routes: BTreeSet<String> =
        table().iter().filter(|route| !route.is_open).map(|route| format!("{route:?}")).collect();
    assert_eq!(routes, rows().into_keys().collect());
    let open: Vec<&str> = table().iter().filter(|route| route.is_open).map(|route| route.path).collect();
    assert_eq!(open, ["/healthz", "/readyz", "/metrics", "/openapi.json"]);
}

on_both_databases! {
    on_the_own_agent_each_may_what_its_row_says
    another_agent_is_as_one_that_does_not_exist
    without_a_good_token_nobody_may_anything
}

async fn on_the_own_agent_each_may_what_its_row_says(database: Database) {
    let (server, own, _) = worlds(&database).await;
    let mut wrong = Vec::new();
    for (route, may) in rows() {
        let (method, template) = route.split_once(' ').unwrap();
        for ((principal, token), may) in PRINCIPALS.iter().zip(tokens(&own)).zip(may) {
            // Deleting an agent would take the world away.
            let doomed = if route == "DELETE /v1/agents/{agent_id}" && may {
                Some(World::make(&server, "rules").await)
            } else {
                None
            };
            let world = doomed.as_ref().unwrap_or(&own);
            let path = world.path(&server, template).await;
            let body = body(&server, &route, &path, world).await;
            let reply = server.call(method, &path, token, body).await;
            let (status, code) = outcome(&reply);
            // A run whose outcome is known cannot be resolved; who is told so was allowed to.
            let allowed = status < 300 || (status == 409 && template.ends_with("resolve"));
            if allowed != may || (!allowed && status != 403) {
                wrong.push(format!("{route} as {principal}: {status} {code}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let presence = format!("/v1/spaces/{}/presence", own.space);
    for token in [&own.member, &own.guest] {
        let reply = server.call("POST", &presence, token, Some(json!({"state": "present"}))).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
    }
}

async fn another_agent_is_as_one_that_does_not_exist(database: Database) {
    let (server, own, other) = worlds(&database).await;
    let mut wrong = Vec::new();
    for route in rows().into_keys() {
        let (method, template) = route.split_once(' ').unwrap();
        let names_nothing = matches!(route.as_str(), "POST /v1/agents" | "GET /v1/agents");
        for (principal, token) in PRINCIPALS.iter().zip(tokens(&own)).skip(1) {
            let theirs = other.path(&server, template).await;
            let with = body(&server, &route, &theirs, &other).await;
            let reply = server.call(method, &theirs, token, with).await;
            if names_nothing {
                assert!(!reply.text.contains(&other.agent), "{route} as {principal} shows another agent");
                continue;
            }
            let nowhere =
                World { agent: Uuid::new_v4().to_string(), space: Uuid::new_v4().to_string(), ..nobody() };
            let nothing = nowhere_path(template, &nowhere);
            let with = nowhere_body(&server, &route, &nowhere).await;
            let absent = server.call(method, &nothing, token, with).await;
            let (seen, unseen) = (outcome(&reply), outcome(&absent));
            if seen != unseen || !matches!(seen.0, 403 | 404) {
                wrong.push(format!("{route} as {principal}: {seen:?}, of nothing {unseen:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn nobody() -> World {
    let none = String::new;
    World {
        agent: none(),
        space: none(),
        owner: ADMIN.to_owned(),
        member: none(),
        guest: none(),
        device: none(),
        bare_device: none(),
        delegate: none(),
        bare_delegate: none(),
    }
}

fn nowhere_path(template: &str, nowhere: &World) -> String {
    let parts = template.split('/').map(|part| match part {
        "artifacts" if template == ARTIFACTS => format!("artifacts?space_id={}", nowhere.space),
        "{agent_id}" => nowhere.agent.clone(),
        "{space_id}" => nowhere.space.clone(),
        "{type}" => "custom.door".to_owned(),
        part if part.starts_with('{') => Uuid::new_v4().to_string(),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn nowhere_body(server: &Server, route: &str, nowhere: &World) -> Option<Value> {
    if route.ends_with("presence") && route.starts_with("POST") {
        return Some(json!({"person_id": Uuid::new_v4(), "state": "present"}));
    }
    body(server, route, &nowhere_path(route.split_once(' ').unwrap().1, nowhere), nowhere).await
}

async fn without_a_good_token_nobody_may_anything(database: Database) {
    let settings = Settings { failed_tokens_burst: 10_000, ..Settings::default() };
    let server = Server::start_on(&database, settings, |builder| builder).await;
    let world = World::make(&server, "rules").await;
    let mut typo = world.owner.clone();
    let last = typo.pop().unwrap();
    typo.push(if last == 'A' { 'B' } else { 'A' });
    for route in rows().into_keys() {
        let (method, template) = route.split_once(' ').unwrap();
        let path = nowhere_path(template, &world);
        for (token, code) in [
            (None, "missing_token"),
            (Some(typo.as_str()), "unknown_token"),
            (Some("not-a-token"), "unknown_token"),
            (Some(&ADMIN[1..]), "unknown_token"),
        ] {
            let reply = server.raw(method, &path, token, Some(b"{}".to_vec())).await;
            reply.problem(401, code);
            assert_eq!(reply.headers["www-authenticate"], "Bearer");
        }
    }
}
