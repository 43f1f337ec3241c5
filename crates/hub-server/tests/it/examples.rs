//! The examples in `docs/PROTOCOL.md`, sent to a server in their order: what the page says is answered is answered.

use super::harness::{ADMIN, Database, Reply, Server, id, on_both_databases};
use super::world::{World, drained, of};
use serde_json::{Value, json};
use std::path::Path;

on_both_databases! { every_example_of_the_protocol_is_what_a_server_does }

/// Ids of the page, which are others here.
const AGENT: &str = "01a20b9a-a23a-751c-b7bc-557e5968331d";
const SPACE: &str = "01a20b9a-a23f-7dba-8d7d-7169ac01f656";
const PERSON: &str = "01a20b9a-a89b-781f-8909-533ab1d6c1d6";
/// A time of the page that lies ahead, and one that does so for longer.
const AHEAD: [&str; 2] = ["2027-01-01T00:00:00Z", "2200-01-01T00:00:00Z"];
/// The event of the page whose id was stored before.
const REUSED: &str = "018f0000-0000-7000-8000-000000000002";

struct Page<'a> {
    server: &'a Server,
    world: World,
    person: String,
    /// What answered the request before, and the token of the person.
    reply: Option<Reply>,
    token: Option<String>,
    action: Option<Value>,
}

async fn every_example_of_the_protocol_is_what_a_server_does(database: Database) {
    let server = Server::start_on(&database, Default::default(), |builder| builder).await;
    let world = World::make(&server, "rules").await;
    let anna = server.post(&of(&world.agent, "people"), ADMIN, json!({"name": "Anna"})).await;
    let person = id(&anna, "person_id");
    let mut page = Page { server: &server, world, person, reply: None, token: None, action: None };
    let mut problem = None;
    let mut answers = 0;
    for (name, text) in examples() {
        let text = page.in_this_hub(&text);
        match name.as_str() {
            "json Problem" => problem = Some(text),
            "http" => page.reply = Some(page.upload(&text).await),
            _ => {
                let example: Value = serde_json::from_str(&text).unwrap();
                let name = name.strip_prefix("json ").unwrap();
                if let Some(reply) = page.sent(name, &example).await {
                    page.reply = Some(reply);
                } else {
                    let found = page.answered(name).await;
                    assert_eq!(differs(&example, &found, name), None, "{name}: {found:#}");
                    answers += 1;
                }
            }
        }
    }
    assert!(answers >= 7, "only {answers} answers were compared");
    let problem: Value = serde_json::from_str(&problem.unwrap()).unwrap();
    let other = format!("sha256:{}", "0".repeat(64));
    let reply = page.approve(&json!({"binding_digest": other})).await;
    assert_eq!(differs(&problem, &reply.body, "Problem"), None, "{:#}", reply.body);
    for name in ["status", "code", "title", "detail", "retryable", "field"] {
        assert_eq!(problem[name], reply.body[name]);
    }
    server.stop().await;
}

/// The fenced blocks that have a name, in order.
fn examples() -> Vec<(String, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/PROTOCOL.md");
    let page = std::fs::read_to_string(page).unwrap();
    let fenced = page.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
    fenced
        .filter(|(name, _)| name.starts_with("json ") || *name == "http")
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}

impl Page<'_> {
    fn in_this_hub(&self, text: &str) -> String {
        let Self { world, person, .. } = self;
        let pairs = [(AGENT, &world.agent), (SPACE, &world.space), (PERSON, person)];
        pairs.iter().fold(text.replace(AHEAD[0], AHEAD[1]), |text, (there, here)| text.replace(there, here))
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        let reply = self.server.call("POST", path, token, Some(body.clone())).await;
        assert!(reply.status < 300, "{path}: {reply:?}");
        reply
    }

    /// Sends an example that is a request; `None` for one that is an answer.
    async fn sent(&mut self, name: &str, example: &Value) -> Option<Reply> {
        let agent = self.world.agent.clone();
        Some(match name {
            "CreateDevice" => self.post(&of(&agent, "devices"), ADMIN, example).await,
            "CreateToken" => {
                let reply = self.post(&of(&agent, "tokens"), ADMIN, example).await;
                self.token.get_or_insert_with(|| id(&reply.body, "token"));
                reply
            }
            "GrantConsent" => {
                let path = format!("/v1/people/{}/consents", self.person);
                let token = self.token.clone().unwrap();
                // Sound needs another grant than voice; the page has an example of one.
                self.post(&path, &token, &json!({"kind": "recording"})).await;
                self.post(&path, &token, example).await
            }
            "EventsRequest" => {
                let mut other = self.world.event("said before");
                other["event_id"] = json!(REUSED);
                self.post("/v1/events", &self.world.owner, &other).await;
                self.post("/v1/events", &self.world.device, example).await
            }
            "RecallRequest" => {
                drained(self.server, &self.world).await;
                self.post("/v1/recall", &self.world.owner, example).await
            }
            "ProposeAction" => {
                let reply = self.post(&of(&agent, "actions"), &self.world.owner, example).await;
                self.action = Some(reply.body.clone());
                reply
            }
            "ApproveAction" => {
                let mut example = example.clone();
                let shown = self.action.as_ref().unwrap()["binding_digest"].clone();
                assert_eq!(form(&example["binding_digest"]), form(&shown));
                example["binding_digest"] = shown;
                // The example of a problem needs an action that still waits.
                let propose = json!({"space_id": self.world.space, "tool": "memory.note", "arguments": {"text": "tea"}, "reason": "asked"});
                let reply = self.approve(&example).await;
                assert_eq!(reply.status, 200, "{reply:?}");
                self.action = Some(self.post(&of(&agent, "actions"), &self.world.owner, &propose).await.body);
                reply
            }
            _ => return None,
        })
    }

    async fn approve(&self, body: &Value) -> Reply {
        let path = format!("/v1/actions/{}/approve", id(self.action.as_ref().unwrap(), "action_id"));
        self.server.call("POST", &path, &self.world.owner, Some(body.clone())).await
    }

    /// What the server says where the page shows an answer.
    async fn answered(&mut self, name: &str) -> Value {
        match name {
            "Status" => drained(self.server, &self.world).await,
            "AuditEntry" => {
                self.server.get(&of(&self.world.agent, "audit/entries"), ADMIN).await["items"][0].clone()
            }
            _ => self.reply.take().unwrap_or_else(|| panic!("nothing asked for {name}")).body,
        }
    }

    /// Sends the request of a block of HTTP, with a second of silence for its body.
    async fn upload(&self, text: &str) -> Reply {
        let mut lines = text.lines();
        let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
        let mut request =
            self.server.client.request(method.parse().unwrap(), format!("{}{path}", self.server.url));
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            request = request.header(name, value);
        }
        let mut wave = b"RIFF\xa4\x3e\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x80\x3e\x00\x00".to_vec();
        wave.resize(wave.len() + 16_000, 0);
        let response = request.bearer_auth(&self.world.owner).body(wave).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        assert_eq!(status, 201, "{text}");
        let body = serde_json::from_str(&text).unwrap();
        Reply { status, headers, text, body }
    }
}

/// Where an answer is not of the form that the page shows, or nothing.
fn differs(shown: &Value, found: &Value, at: &str) -> Option<String> {
    match (shown, found) {
        (Value::Object(shown), Value::Object(found)) => {
            // Counts name what there is.
            if !at.ends_with(".counts") && !shown.keys().eq(found.keys()) {
                return Some(format!(
                    "{at}: the page shows {:?}, the server {:?}",
                    shown.keys(),
                    found.keys()
                ));
            }
            shown.iter().find_map(|(name, value)| differs(value, found.get(name)?, &format!("{at}.{name}")))
        }
        (Value::Array(shown), Value::Array(found)) => {
            if shown.is_empty() != found.is_empty() {
                return Some(format!(
                    "{at}: the page shows {} items, the server {}",
                    shown.len(),
                    found.len()
                ));
            }
            shown.iter().zip(found).find_map(|(shown, found)| differs(shown, found, &format!("{at}[]")))
        }
        (shown, found) => {
            (form(shown) != form(found)).then(|| format!("{at}: the page shows {shown}, the server {found}"))
        }
    }
}

/// What kind of value it is, and of which form a text.
fn form(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(text) if uuid::Uuid::parse_str(text).is_ok() => "id",
        Value::String(text) if text.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64) => "digest",
        Value::String(text) if hub_core::clock::Timestamp::parse(text).is_ok() => "time",
        Value::String(_) => "text",
    }
}
