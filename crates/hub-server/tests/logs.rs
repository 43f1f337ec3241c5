//! Logs, metrics and errors say nothing of what people said, and no secret.
//!
//! In a binary of its own: logs belong to the whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "it/harness.rs"]
mod harness;
#[path = "it/world.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod world;

use harness::{ADMIN, Server, until};
use hub_server::telemetry::logs::{LogFormat, layer};
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use world::{World, of};

/// Said, asked, noted and mistyped; never to be seen again but by who may read it.
const SECRET: &str = "zanzibar heliotrope, expected at `midnight`";
/// A word of it that no other text has.
const WORD: &str = "heliotrope";

#[derive(Debug, Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Written {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planted_sentence_is_in_no_log_no_metric_and_no_error() {
    let (human, lines) = (Written::default(), Written::default());
    let subscriber = tracing_subscriber::registry()
        .with(layer(LogFormat::Human, Level::TRACE, false, human.clone()))
        .with(layer(LogFormat::Json, Level::TRACE, false, lines.clone()));
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let server = Server::start().await;
    let world = World::make(&server, "rules").await;
    say_it(&server, &world).await;
    let errors = get_it_wrong(&server, &world).await;
    for error in &errors {
        assert!(!error.contains(WORD), "{error}");
    }
    let metrics = server.raw("GET", "/metrics", None, None).await.text;
    assert!(metrics.contains("hub_events_total") && !metrics.contains(WORD), "{metrics}");
    let tokens = [ADMIN, &world.owner, &world.member, &world.device, &world.delegate].map(str::to_owned);
    server.stop().await;

    let (human, lines) = (human.text(), lines.text());
    for log in [&human, &lines] {
        // It must be a log that would have shown it: requests at debug, refusals at info.
        assert!(
            log.contains("answered") && log.contains("refused") && log.contains("POST /v1/events"),
            "{log}"
        );
        assert!(!log.contains(WORD), "the log repeats what was said");
        assert!(tokens.iter().all(|token| !log.contains(token)), "the log shows a token");
    }
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
    }
}

/// Everything that may carry content, rightly used.
async fn say_it(server: &Server, world: &World) {
    let mut said = world.event(SECRET);
    said["payload"]["speaker"] = json!(SECRET);
    let wish = world.event(&format!("remind me tomorrow at nine to {SECRET}"));
    server.post("/v1/events", &world.device, json!({"events": [said, wish]})).await;
    let proposed = until("a proposal or the end of planning", async || {
        let actions = server.get(&of(&world.agent, "actions"), &world.owner).await;
        let status = server.get(&of(&world.agent, "status"), &world.owner).await;
        let drained = status["queues"]
            .as_object()
            .unwrap()
            .values()
            .all(|queue| ["ready", "leased", "delayed"].iter().all(|state| queue[*state] == 0));
        drained.then_some(actions)
    })
    .await;
    let recalled = server.post("/v1/recall", &world.owner, json!({"query": SECRET})).await;
    assert!(recalled.to_string().contains(WORD), "{recalled}");
    let note = json!({"space_id": world.space, "content": format!("note: {SECRET}")});
    server.post(&of(&world.agent, "memories"), &world.owner, note).await;
    let mut action = world.action();
    (action["arguments"]["text"], action["reason"]) = (json!(SECRET), json!(SECRET));
    let action = server.post(&of(&world.agent, "actions"), &world.owner, action).await;
    let path = format!("/v1/actions/{}", action["action_id"].as_str().unwrap());
    let shown = json!({"binding_digest": action["binding_digest"]});
    server.post(&format!("{path}/approve"), &world.owner, shown).await;
    until("the deed", async || (server.get(&path, &world.owner).await["state"] == "done").then_some(()))
        .await;
    for action in proposed["items"].as_array().unwrap() {
        let path = format!("/v1/actions/{}/reject", action["action_id"].as_str().unwrap());
        server.post(&path, &world.owner, json!({"reason": SECRET})).await;
    }
}

/// The sentence in every wrong place; answers what the errors said.
async fn get_it_wrong(server: &Server, world: &World) -> Vec<String> {
    let own = |what: &str| of(&world.agent, what);
    let sentence = serde_json::to_string(SECRET).unwrap();
    let mut refused = world.event("x");
    (refused["payload"]["role"], refused["payload"]["text"]) = (json!(SECRET), json!(SECRET));
    let mut mistyped = world.event("x");
    (mistyped["occurred_at"], mistyped["person_id"]) = (json!(SECRET), json!(SECRET));
    let mut untyped = world.event(SECRET);
    untyped["type"] = json!(SECRET);
    let mut errors = Vec::new();
    for (method, path, body) in [
        ("POST", "/v1/events".to_owned(), refused.to_string()),
        ("POST", "/v1/events".to_owned(), mistyped.to_string()),
        ("POST", "/v1/events".to_owned(), untyped.to_string()),
        ("POST", "/v1/events".to_owned(), format!("{{\"events\":{sentence}}}")),
        ("POST", "/v1/events".to_owned(), format!("{{\"text\":{sentence}")),
        ("POST", "/v1/events".to_owned(), sentence.clone()),
        ("POST", "/v1/recall".to_owned(), format!("{{\"query\":[{sentence}]}}")),
        ("POST", "/v1/recall".to_owned(), format!("{{\"query\":\"a\",\"tiers\":[{sentence}]}}")),
        ("POST", "/v1/recall".to_owned(), format!("{{\"query\":\"a\",\"as_of\":{sentence}}}")),
        ("POST", "/v1/recall".to_owned(), format!("{{\"query\":\"a\",\"k\":{sentence}}}")),
        ("POST", own("memories"), format!("{{\"space_id\":{sentence},\"content\":{sentence}}}")),
        (
            "POST",
            own("actions"),
            format!("{{\"space_id\":\"{}\",\"tool\":{sentence},\"arguments\":{{}}}}", world.space),
        ),
        (
            "POST",
            own("actions"),
            format!(
                "{{\"space_id\":\"{}\",\"tool\":\"memory.note\",\"arguments\":{{\"text\":[{sentence}]}}}}",
                world.space
            ),
        ),
        ("POST", own("tokens"), format!("{{\"kind\":{sentence}}}")),
        ("GET", format!("/v1/agents?cursor={WORD}&limit={WORD}"), String::new()),
        ("GET", format!("/v1/agents/{WORD}"), String::new()),
        ("GET", format!("/v1/{WORD}"), String::new()),
    ] {
        let body = (!body.is_empty()).then(|| body.into_bytes());
        let reply = server.raw(method, &path, Some(&world.owner), body).await;
        assert!(reply.status >= 400 || reply.text.contains("\"refused\""), "{path}: {}", reply.text);
        errors.push(reply.text);
    }
    errors.push(server.call("GET", "/v1/agents", &format!("hub_{WORD}"), None).await.text);
    errors
}
