//! The real program, with a collector, and somebody who talks to it.

use crate::cli_support::{Folder, PATIENCE, Served, http};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A hub that runs, and its owner.
pub(crate) struct House {
    pub(crate) folder: Folder,
    pub(crate) hub: Served,
    client: Client,
    owner: String,
    admin: String,
    pub(crate) agent: String,
    pub(crate) space: String,
}

/// What a hub of a test is started with: a collector at that URL, and spans that do not wait long.
pub(crate) fn collecting(url: &str) -> Vec<(&'static str, String)> {
    vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url.to_owned()),
        ("OTEL_BSP_SCHEDULE_DELAY", "50".to_owned()),
        ("OTEL_METRIC_EXPORT_INTERVAL", "200".to_owned()),
    ]
}

impl House {
    pub(crate) fn start(folder: Folder, more: &[&str], environment: &[(&'static str, String)]) -> Self {
        let settings = folder.beside("hub.toml", "[hub]\nwindow_pause_ms = 400\npoll_ms = 20\n");
        let settings = settings.to_str().unwrap();
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--json", "--config", settings];
        let mut command = folder.command(&[&arguments, more].concat());
        command.envs(environment.iter().map(|(name, value)| (*name, value.as_str())));
        let log = std::fs::File::create(folder.beside("log", "")).unwrap();
        let hub = Served::logging_to(&mut command, log);
        let token = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap().trim().to_owned();
        let said = |name: &str| hub.said[name].as_str().unwrap().to_owned();
        let (agent, space) = (said("agent_id"), said("space_id"));
        Self {
            owner: token("owner.token"),
            admin: token("admin.token"),
            client: http(),
            agent,
            space,
            folder,
            hub,
        }
    }

    /// A worker in a folder of its own, on the same database.
    pub(crate) fn worker(
        &self,
        folder: &Folder,
        roles: &str,
        environment: &[(&'static str, String)],
    ) -> Served {
        let mut command = folder.command(&["worker", "--roles", roles, "--json"]);
        command.envs(environment.iter().map(|(name, value)| (*name, value.as_str())));
        Served::start(command)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().parent().unwrap().join("log")).unwrap()
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Value, trace: Option<&str>) -> Value {
        let request =
            self.client.request(method, format!("{}{path}", self.hub.url())).bearer_auth(&self.owner);
        let request = match trace {
            Some(trace) => request.header("traceparent", trace),
            None => request,
        };
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.ask(Method::GET, path, Value::Null, None).await
    }

    pub(crate) async fn plan_by(&self, planner: &str) {
        let path = format!("/v1/agents/{}", self.agent);
        self.ask(Method::PATCH, &path, json!({"planner": planner}), None).await;
    }

    /// Says this, all of it in one request.
    pub(crate) async fn say(&self, texts: &[&str], trace: Option<&str>) -> Value {
        let event = |text: &&str| {
            json!({
                "event_id": Uuid::new_v4(), "space_id": self.space, "type": "transcript_chunk",
                "occurred_at": "2026-03-01T10:00:00Z", "payload": {"text": text, "role": "user"},
            })
        };
        let events: Vec<Value> = texts.iter().map(event).collect();
        let answer = self.ask(Method::POST, "/v1/events", json!({"events": events}), trace).await;
        assert!(
            answer["results"].as_array().unwrap().iter().all(|result| result["status"] == "stored"),
            "{answer}"
        );
        answer
    }

    /// The first action, as soon as there is one.
    pub(crate) async fn proposed(&self) -> Value {
        let path = format!("/v1/agents/{}/actions", self.agent);
        until("a proposal", async || self.get(&path).await["items"].get(0).cloned()).await
    }

    pub(crate) async fn approve(&self, action: &Value, trace: Option<&str>) {
        let path = format!("/v1/actions/{}/approve", action["action_id"].as_str().unwrap());
        self.ask(Method::POST, &path, json!({"binding_digest": action["binding_digest"]}), trace).await;
    }

    pub(crate) async fn done(&self, action: &Value) {
        let path = format!("/v1/actions/{}", action["action_id"].as_str().unwrap());
        until("the deed", async || (self.get(&path).await["state"] == "done").then_some(())).await;
    }

    /// Waits until everything is planned and done.
    pub(crate) async fn drained(&self) {
        let path = format!("/v1/agents/{}/status", self.agent);
        let empty = |queue: &Value| ["ready", "leased", "delayed"].iter().all(|state| queue[*state] == 0);
        until("empty queues", async || {
            let status = self.get(&path).await;
            status["queues"].as_object().unwrap().values().all(empty).then_some(())
        })
        .await;
    }

    /// What `/metrics` says.
    pub(crate) async fn metrics(&self) -> String {
        self.client.get(format!("{}/metrics", self.hub.url())).send().await.unwrap().text().await.unwrap()
    }

    /// Tokens that nobody else may see.
    pub(crate) fn tokens(&self) -> [&str; 2] {
        [&self.owner, &self.admin]
    }

    /// Stops the hub, which must end well; answers how long it took.
    pub(crate) async fn stop(self) -> (Folder, Duration) {
        let (hub, folder) = (self.hub, self.folder);
        let (code, took) = tokio::task::spawn_blocking(move || hub.stop()).await.unwrap();
        assert_eq!(code, 0);
        (folder, took)
    }
}

/// Asks until the answer is there.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The number of a series of `/metrics`.
pub(crate) fn number(metrics: &str, series: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in {metrics}")).parse().unwrap()
}
