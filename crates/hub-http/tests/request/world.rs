//! A server that says what it was asked, a resolver that says what it is told, and a tool.

use async_trait::async_trait;
use hub_core::Result;
use hub_core::ids::{ActionId, AgentId, SpaceId};
use hub_core::tools::{Tool as _, ToolCall};
use hub_http::{AgentRules, HttpRequest, Resolver, RuleSettings, Secrets, Settings};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use uuid::Uuid;

pub(crate) const AGENT: AgentId = AgentId(Uuid::from_u128(1));
pub(crate) const SECRET: &str = "s3cr3t-of-the-calendar";

/// Answers each name with what stands next in its list; the last one stays.
#[derive(Debug, Default)]
pub(crate) struct Names(Mutex<BTreeMap<String, Vec<Vec<IpAddr>>>>);

impl Names {
    pub(crate) fn of(names: &[(&str, &[&str])]) -> Arc<Self> {
        let parsed = names.iter().map(|(name, answers)| {
            let answers =
                answers.iter().map(|answer| answer.split(' ').map(|ip| ip.parse().unwrap()).collect());
            ((*name).to_owned(), answers.collect())
        });
        Arc::new(Self(Mutex::new(parsed.collect())))
    }
}

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let mut names = self.0.lock().unwrap();
        let answers = names.get_mut(host).ok_or(std::io::ErrorKind::NotFound)?;
        Ok(if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() })
    }
}

/// Knows one secret.
#[derive(Debug)]
pub(crate) struct OneSecret;

impl Secrets for OneSecret {
    fn secret(&self, name: &str) -> Option<String> {
        (name == "CALENDAR").then(|| SECRET.to_owned())
    }
}

/// A server on this machine. By the first word of the path it answers: `echo` what it was asked, `to` a
/// redirect to the rest, `long` many bytes, `slow` nothing for long, `cut` half an answer, `garbage`.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    /// The heads of requests.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self { address: listener.local_addr().unwrap(), asked: Arc::default() };
        let asked = service.asked.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let asked = asked.clone();
                tokio::spawn(async move {
                    let mut request = vec![0; 64 * 1024];
                    let length = stream.read(&mut request).await.unwrap_or(0);
                    let text = String::from_utf8_lossy(&request[..length]).into_owned();
                    asked.lock().unwrap().push(text.clone());
                    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
                    let answer = answer(&path, &text);
                    if path.starts_with("/slow") {
                        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
                    }
                    let _gone = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        service
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }
}

fn answer(path: &str, request: &str) -> String {
    let whole = |body: &str| {
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    if let Some(target) = path.strip_prefix("/to/") {
        return format!("HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n");
    }
    match path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default() {
        "long" => whole(&"0123456789".repeat(20_000)),
        "cut" => "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_owned(),
        "garbage" => "what?\r\n\r\n".to_owned(),
        "loop" => "HTTP/1.1 302 Found\r\nlocation: /loop\r\ncontent-length: 0\r\n\r\n".to_owned(),
        _ => whole(request),
    }
}

pub(crate) fn rule(url: &str, private: bool, secrets: &[&str]) -> RuleSettings {
    RuleSettings {
        url: url.to_owned(),
        methods: vec!["GET".to_owned(), "POST".to_owned()],
        private,
        secrets: secrets.iter().map(|name| (*name).to_owned()).collect(),
    }
}

pub(crate) fn settings(rules: Vec<RuleSettings>) -> Settings {
    let agents = BTreeMap::from([(AGENT.0, AgentRules { allow: rules })]);
    Settings { agents, seconds: 2, answer_bytes: 10_000, ..Settings::default() }
}

pub(crate) fn tool(rules: Vec<RuleSettings>, names: Arc<Names>) -> HttpRequest {
    HttpRequest::new(&settings(rules), names, Arc::new(OneSecret)).unwrap()
}

pub(crate) async fn run(tool: &HttpRequest, arguments: Value) -> Result<Value> {
    run_as(tool, AGENT, arguments).await
}

pub(crate) async fn run_as(tool: &HttpRequest, agent_id: AgentId, arguments: Value) -> Result<Value> {
    let call = ToolCall {
        agent_id,
        space_id: SpaceId(Uuid::from_u128(2)),
        action_id: ActionId(Uuid::from_u128(3)),
        arguments,
        attempt: 1,
        idempotency_key: "the-key".to_owned(),
    };
    tool.run(call).await
}

pub(crate) async fn get(tool: &HttpRequest, url: &str) -> Result<Value> {
    run(tool, json!({ "method": "GET", "url": url })).await
}

pub(crate) fn code(answer: Result<Value>) -> &'static str {
    answer.unwrap_err().code()
}
