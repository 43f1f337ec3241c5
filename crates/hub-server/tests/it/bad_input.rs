//! Bad input gets an error that names the field and the limit, and nothing of it is kept.

use super::harness::{ADMIN, Server};
use super::world::{World, of};
use serde_json::{Value, json};
use uuid::Uuid;

struct Case {
    method: &'static str,
    path: String,
    token: String,
    body: Vec<u8>,
    status: u16,
    code: &'static str,
    field: Option<&'static str>,
    limit: Option<&'static str>,
}

fn post(path: impl Into<String>, token: &str, body: impl ToString) -> Case {
    Case {
        method: "POST",
        path: path.into(),
        token: token.to_owned(),
        body: body.to_string().into_bytes(),
        status: 400,
        code: "invalid_field",
        field: None,
        limit: None,
    }
}

impl Case {
    fn is(mut self, status: u16, code: &'static str) -> Self {
        (self.status, self.code) = (status, code);
        self
    }

    fn field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    fn limit(mut self, limit: &'static str) -> Self {
        self.limit = Some(limit);
        self
    }

    fn by(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_error_names_field_and_limit() {
    let server = Server::start().await;
    let world = World::make(&server, "rules").await;
    let mut wrong = Vec::new();
    for case in requests(&world).into_iter().chain(things(&world)) {
        let what = format!("{} {} {:.200}", case.method, case.path, String::from_utf8_lossy(&case.body));
        let body = (case.method != "GET").then_some(case.body);
        let reply = server.raw(case.method, &case.path, Some(&case.token), body).await;
        let problem = reply.problem(reply.status, reply.code()).clone();
        let found = (reply.status, reply.code(), problem["field"].as_str(), problem["limit"].as_str());
        if found != (case.status, case.code, case.field, case.limit) {
            wrong.push(format!("{what}: {problem}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with a request as such.
fn requests(world: &World) -> Vec<Case> {
    let event = world.event("hello").to_string();
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let mut not_text = post("/v1/agents", ADMIN, "").is(400, "invalid_json");
    not_text.body = b"{\"name\":\"\xff\xfe\"}".to_vec();
    let mut not_text_event = post("/v1/events", &world.device, "").is(400, "invalid_json");
    not_text_event.body = event.replace("hello", "\u{1}").into_bytes();
    not_text_event.body.push(0xff);
    let events = |count: usize| format!("{{\"events\":[{}]}}", vec![event.as_str(); count].join(","));
    let tiny = format!("{{\"events\":[{}]}}", vec!["{}"; 1_000_000].join(","));
    vec![
        not_text,
        not_text_event,
        post("/v1/agents", ADMIN, "{\"name\":").is(400, "invalid_json"),
        post("/v1/agents", ADMIN, "[\"home\"]"),
        post("/v1/agents", ADMIN, "{}").field("name"),
        post("/v1/agents", ADMIN, "{\"name\":7}").field("name"),
        post("/v1/agents", ADMIN, "{\"name\":\"a\",\"colour\":1}").is(400, "unknown_field").field("colour"),
        post("/v1/agents", ADMIN, format!("{{\"name\":{deep}}}")).field("name"),
        post("/v1/agents", ADMIN, format!("{{\"name\":\"{}\"}}", "x".repeat(17 * 1024 * 1024)))
            .is(413, "body_too_large")
            .limit("16777216 bytes"),
        post("/v1/events", &world.device, events(1_001))
            .is(400, "too_many_events")
            .field("events")
            .limit("1 to 1000 events"),
        post("/v1/events", &world.device, tiny)
            .is(400, "too_many_events")
            .field("events")
            .limit("1 to 1000 events"),
        post("/v1/events", &world.device, events(100_000)).is(413, "body_too_large").limit("16777216 bytes"),
        post("/v1/events", &world.device, "{\"events\":[]}")
            .is(400, "too_many_events")
            .field("events")
            .limit("1 to 1000 events"),
        post("/v1/events", &world.device, "{\"events\":7}").field("events"),
        post("/v1/events", &world.device, format!("{{\"events\":[{event}],\"sent_at\":\"noon\"}}"))
            .is(400, "malformed_time")
            .field("sent_at"),
        post("/v1/events", ADMIN, &event).is(403, "not_allowed"),
        post(of("not-an-id", "spaces"), ADMIN, "{\"name\":\"a\"}").is(400, "malformed_id").field("agent_id"),
        post("/v1/agents/%ff/spaces", ADMIN, "{\"name\":\"a\"}").is(400, "malformed_path"),
        post("/v1/nothing", ADMIN, "{}").is(404, "unknown_route"),
        post("/v1/recall", ADMIN, "{}").by("PUT").is(405, "wrong_method"),
        post("/v1/agents?limit=501", ADMIN, "")
            .by("GET")
            .is(400, "page_size")
            .field("limit")
            .limit("500 items"),
        post("/v1/agents?limit=99999999999999999999", ADMIN, "").by("GET").field("limit"),
        post("/v1/agents?limit=1&limit=2", ADMIN, "").by("GET").field("limit"),
        post("/v1/agents?cursor=x", ADMIN, "").by("GET").is(400, "malformed_cursor").field("cursor"),
        post("/v1/agents?colour=red", ADMIN, "").by("GET").is(400, "unknown_field").field("colour"),
        post(of(&world.agent, "actions?state=lost"), &world.owner, "").by("GET").field("state"),
    ]
}

/// What is wrong with what a request names.
#[allow(clippy::too_many_lines, reason = "one row for each case")]
fn things(world: &World) -> Vec<Case> {
    let own = |what: &str| of(&world.agent, what);
    let nobody = Uuid::new_v4();
    let delegate = |expires_at: &str, spaces: Value| json!({"kind": "delegate", "name": "d", "scopes": [], "spaces": spaces, "expires_at": expires_at});
    let action = |change: Value| {
        let mut action = world.action();
        action.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        action
    };
    vec![
        post("/v1/agents", ADMIN, json!({"name": "x".repeat(201)}))
            .is(400, "name_too_long")
            .field("name")
            .limit("200 characters"),
        post("/v1/agents", ADMIN, json!({"name": "a", "planner": "gut"})).field("planner"),
        post(own("tokens"), ADMIN, json!({"kind": "operator", "person_id": nobody, "role": "owner"}))
            .is(404, "unknown_person")
            .field("person_id"),
        post(own("tokens"), ADMIN, json!({"kind": "operator", "person_id": nobody, "role": "king"}))
            .field("role"),
        post(own("tokens"), ADMIN, delegate("tomorrow", json!([world.space])))
            .is(400, "malformed_time")
            .field("expires_at"),
        post(own("tokens"), ADMIN, delegate("2001-01-01T00:00:00Z", json!([world.space])))
            .is(400, "expired_already")
            .field("expires_at"),
        post(own("tokens"), ADMIN, delegate("2199-01-01T00:00:00Z", json!([nobody])))
            .is(404, "unknown_space")
            .field("spaces"),
        post(own("tokens"), ADMIN, delegate("2199-01-01T00:00:00Z", json!(vec![Uuid::nil(); 3])))
            .is(404, "unknown_space")
            .field("spaces"),
        post(own("devices"), ADMIN, json!({"name": "a", "scopes": ["everything"]})).field("scopes[0]"),
        post(format!("/v1/people/{nobody}/consents"), &world.owner, json!({"kind": "voice"}))
            .is(404, "unknown_person"),
        post(
            format!("/v1/people/{nobody}/consents"),
            &world.owner,
            json!({"kind": "voice", "expires_at": null}),
        )
        .field("expires_at"),
        post(
            format!("/v1/people/{nobody}/consents"),
            &world.owner,
            json!({"kind": "voice", "expires_at": "never"}),
        )
        .is(400, "malformed_time")
        .field("expires_at"),
        post("/v1/recall", &world.owner, json!({"query": "a", "k": 101}))
            .is(400, "recall_size")
            .field("k")
            .limit("100 memories"),
        post("/v1/recall", &world.owner, json!({"query": "a", "k": 1e99})).field("k"),
        post("/v1/recall", &world.owner, json!({"query": "a".repeat(4_097)}))
            .is(400, "query_too_long")
            .field("query")
            .limit("4096 bytes"),
        post("/v1/recall", &world.owner, json!({"query": "a", "space_id": nobody})).is(404, "unknown_space"),
        post(own("actions"), &world.owner, action(json!({"tool": "world.end"})))
            .is(404, "unknown_tool")
            .field("tool"),
        post(own("actions"), &world.owner, action(json!({"space_id": nobody})))
            .is(404, "unknown_space")
            .field("space_id"),
        post(format!("/v1/actions/{nobody}/approve"), &world.owner, json!({"binding_digest": "sha256:0"}))
            .is(400, "malformed_digest")
            .field("binding_digest"),
        post(format!("/v1/actions/{nobody}/cancel"), &world.owner, "").is(404, "unknown_action"),
        post(own("event-types/door"), ADMIN, json!({"type": "object"}))
            .by("PUT")
            .is(400, "invalid_event_type")
            .field("type"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_event_is_refused_alone_and_says_why() {
    let server = Server::start().await;
    let world = World::make(&server, "rules").await;
    let other = World::make(&server, "rules").await;
    let with = |change: Value| {
        let mut event = world.event("hello");
        for (name, value) in change.as_object().unwrap() {
            if let Some(inner) = name.strip_prefix("payload.") {
                event["payload"][inner] = value.clone();
            } else {
                event[name] = value.clone();
            }
        }
        event
    };
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
    let cases = [
        (with(json!({"space_id": other.space})), "unknown_space", Some("space_id"), None),
        (with(json!({"space_id": Uuid::new_v4()})), "unknown_space", Some("space_id"), None),
        (with(json!({"person_id": Uuid::new_v4()})), "unknown_person", Some("person_id"), None),
        (with(json!({"event_id": "seven"})), "invalid_field", Some("event_id"), None),
        (with(json!({"occurred_at": "noon"})), "malformed_time", Some("occurred_at"), None),
        (
            with(json!({"occurred_at": "2199-01-01T00:00:00Z"})),
            "occurred_at_ahead",
            Some("occurred_at"),
            Some("24 hours"),
        ),
        (with(json!({"type": "gossip"})), "unknown_event_type", Some("type"), None),
        (with(json!({"type": "custom.unregistered"})), "unknown_event_type", Some("type"), None),
        (
            with(json!({"payload.text": "x".repeat(65_537)})),
            "text_too_long",
            Some("payload.text"),
            Some("65536 bytes"),
        ),
        (with(json!({"payload.role": "agent"})), "agent_role", Some("payload.role"), None),
        (with(json!({"payload.modality": "voice"})), "person_required", Some("person_id"), None),
        (with(json!({"payload.extra": deep})), "json_depth", Some("payload"), Some("32 levels")),
        (with(json!({"surprise": 1})), "unknown_field", Some("surprise"), None),
    ];
    let events: Vec<Value> =
        cases.iter().map(|(event, ..)| event.clone()).chain([world.event("good")]).collect();
    let answer = server.post("/v1/events", &world.device, json!({ "events": events })).await;
    let results = answer["results"].as_array().unwrap();
    let mut wrong = Vec::new();
    for ((event, code, field, limit), result) in cases.iter().zip(results) {
        let problem = &result["problem"];
        let found = (
            result["status"].as_str().unwrap(),
            problem["code"].as_str(),
            problem["field"].as_str(),
            problem["limit"].as_str(),
        );
        if found != ("refused", Some(*code), *field, *limit) {
            wrong.push(format!("{code} {field:?} {limit:?}: {result} for {:.200}", event.to_string()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(results.last().unwrap()["status"], "stored");
    let listed = server.get(&format!("/v1/spaces/{}/events", world.space), &world.owner).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);

    let huge = world.event("hello").to_string().replace("\"role\"", "\"confidence\":1e999,\"role\"");
    let reply = server.raw("POST", "/v1/events", Some(&world.device), Some(huge.into_bytes())).await;
    assert!(reply.text.contains("number out of range") && reply.text.contains("64-bit"), "{}", reply.text);
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let server = Server::start().await;
    let reply = server.call("DELETE", "/v1/agents", ADMIN, None).await;
    reply.problem(405, "wrong_method");
    assert_eq!(reply.headers["allow"], "POST, GET");
}
