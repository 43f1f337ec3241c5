//! The server: in this process, on a port that the system gives it, until it is dropped.

use crate::answer::{error, events, response};
use crate::script::{Answer, Endless, Reply, Script};
use crate::strict;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use futures_util::stream;
use serde_json::{Value, json};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A request that came in.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its `Authorization`, if it had one.
    pub authorization: Option<String>,
    /// The trace that it said it was a part of, if it did (`traceparent`).
    pub traceparent: Option<String>,
    /// Its body; null where that is no JSON.
    pub body: Value,
}

#[derive(Debug)]
struct Inner {
    script: Mutex<Script>,
    seen: Mutex<Vec<Seen>>,
}

/// A server that runs.
#[derive(Debug)]
pub struct Fake {
    address: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

impl Fake {
    /// Starts on a free port of loopback.
    ///
    /// # Errors
    /// When the system gives no port.
    pub async fn start(script: Script) -> io::Result<Self> {
        Self::listen(script, "127.0.0.1:0").await
    }

    /// Starts on this address.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn listen(script: Script, address: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let inner = Arc::new(Inner { script: Mutex::new(script), seen: Mutex::new(Vec::new()) });
        let router = Router::new()
            .route("/v1/responses", post(respond))
            .route("/v1/models", get(models))
            .route("/v1/models/{model}", get(model))
            .layer(DefaultBodyLimit::max(64 << 20))
            .with_state(inner.clone());
        let task = tokio::spawn(async move {
            // It serves until it is dropped; a listener that fails refuses connections, which tests see.
            let _ended = axum::serve(listener, router).await;
        });
        Ok(Self { address, inner, task })
    }

    /// The base URL, as clients are given it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The requests for responses so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.inner.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers from now on by this script.
    pub fn follow(&self, script: Script) {
        *self.inner.script.lock().unwrap_or_else(PoisonError::into_inner) = script;
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn models(State(inner): State<Arc<Inner>>) -> Response {
    let script = inner.script.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let data: Vec<Value> = names(&script).iter().map(|name| described(name)).collect();
    json_answer(StatusCode::OK, &json!({"object": "list", "data": data}))
}

async fn model(State(inner): State<Arc<Inner>>, Path(name): Path<String>) -> Response {
    let script = inner.script.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if names(&script).contains(&name) {
        return json_answer(StatusCode::OK, &described(&name));
    }
    let message = format!("The model '{name}' does not exist");
    json_answer(StatusCode::NOT_FOUND, &error("invalid_request_error", Some("model_not_found"), &message))
}

fn names(script: &Script) -> Vec<String> {
    if script.models.is_empty() { vec!["fake-model".to_owned()] } else { script.models.clone() }
}

fn described(name: &str) -> Value {
    json!({"id": name, "object": "model", "created": 1_764_000_000, "owned_by": "hub-openai-fake"})
}

async fn respond(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let traceparent = headers.get("traceparent").and_then(|value| value.to_str().ok());
    let number = {
        let mut seen = inner.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(Seen {
            authorization: authorization.map(str::to_owned),
            traceparent: traceparent.map(str::to_owned),
            body: request.clone(),
        });
        seen.len() as u64
    };
    let answer = {
        let mut script = inner.script.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &script.api_key
            && authorization != Some(&format!("Bearer {key}"))
        {
            let refusal =
                error("invalid_request_error", Some("invalid_api_key"), "Incorrect API key provided");
            return json_answer(StatusCode::UNAUTHORIZED, &refusal);
        }
        if let Some(fault) = fault(&request) {
            return json_answer(StatusCode::BAD_REQUEST, &error("invalid_request_error", None, &fault));
        }
        script.answer(&said(&request))
    };
    match answer {
        Some(answer) => {
            if answer.delay_ms > 0 {
                tokio::time::sleep(Duration::from_millis(answer.delay_ms)).await;
            }
            give(&answer, &request, number)
        }
        None => {
            let text = error("server_error", None, "the script has no answer to this request");
            json_answer(StatusCode::INTERNAL_SERVER_ERROR, &text)
        }
    }
}

/// What the real server would not take either.
fn fault(request: &Value) -> Option<String> {
    if !request.is_object() {
        return Some("We could not parse the JSON body of your request.".to_owned());
    }
    if !request.get("model").is_some_and(Value::is_string) {
        return Some("Missing required parameter: 'model'.".to_owned());
    }
    if !request.get("input").is_some_and(|input| input.is_string() || input.is_array()) {
        return Some("Missing required parameter: 'input'.".to_owned());
    }
    let format = request.pointer("/text/format")?;
    if format.get("strict") == Some(&Value::Bool(true)) {
        let schema = format.get("schema").unwrap_or(&Value::Null);
        let name = format.get("name").and_then(Value::as_str).unwrap_or_default();
        return strict::fault(schema, "#")
            .map(|fault| format!("Invalid schema for response_format '{name}': {fault}"));
    }
    None
}

/// Everything that a request says, as text in which words are found.
fn said(request: &Value) -> String {
    let mut text = String::new();
    let mut waiting = vec![request];
    while let Some(value) = waiting.pop() {
        match value {
            Value::String(words) => {
                text.push_str(words);
                text.push('\n');
            }
            Value::Array(items) => waiting.extend(items),
            Value::Object(members) => waiting.extend(members.values()),
            _ => {}
        }
    }
    text
}

fn give(answer: &Answer, request: &Value, number: u64) -> Response {
    let streamed = request.get("stream") == Some(&Value::Bool(true));
    let (kind, body): (&str, Body) = match &answer.reply {
        Reply::Error(message) => {
            let kind = if answer.status == Some(429) { "rate_limit_exceeded" } else { "server_error" };
            ("application/json", error(kind, Some(kind), message).to_string().into())
        }
        Reply::Body(body) => ("application/json", cut(answer, body.to_string())),
        Reply::Raw(text) if text.starts_with("event:") => ("text/event-stream", cut(answer, text.clone())),
        Reply::Raw(text) => ("application/json", cut(answer, text.clone())),
        Reply::Endless(how) => ("application/json", endless(*how)),
        Reply::Huge(bytes) => {
            let long = Answer { reply: Reply::Text("a".repeat(*bytes)), ..answer.clone() };
            ("application/json", cut(answer, response(&long, request, number).to_string()))
        }
        _ if streamed => ("text/event-stream", cut(answer, events(&response(answer, request, number)))),
        _ => ("application/json", cut(answer, response(answer, request, number).to_string())),
    };
    let status = answer.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    let mut built = Response::new(body);
    *built.status_mut() = status;
    let headers = built.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(kind) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    built
}

/// The body, or its beginning and then a connection that breaks.
fn cut(answer: &Answer, text: String) -> Body {
    let Some(bytes) = answer.cut_after_bytes else { return text.into() };
    let begun = Bytes::from(text.into_bytes().into_iter().take(bytes).collect::<Vec<u8>>());
    let broken = io::Error::new(io::ErrorKind::ConnectionReset, "cut by the script");
    Body::from_stream(stream::iter([Ok(begun), Err(broken)]))
}

/// A body that begins as JSON and never ends.
fn endless(how: Endless) -> Body {
    let part = match how {
        Endless::Flood => Bytes::from_static(&[b' '; 16 * 1024]),
        Endless::Drip => Bytes::from_static(b" "),
    };
    Body::from_stream(stream::unfold((), move |()| {
        let part = part.clone();
        async move {
            if how == Endless::Drip {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Some((Ok::<_, io::Error>(part), ()))
        }
    }))
}

fn json_answer(status: StatusCode, body: &Value) -> Response {
    let mut built = Response::new(Body::from(body.to_string()));
    *built.status_mut() = status;
    built.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    built
}
