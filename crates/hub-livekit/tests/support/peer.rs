//! Other makers' participants: a script each in `tests/peers`, driven by JSON lines.

use super::{Live, given};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{Notify, mpsc, oneshot};

/// How long a peer may take to start, and to carry out an order unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(60);

/// A participant that runs in a process of its own; it is killed when the value goes.
pub(crate) struct Peer {
    child: Child,
    orders: mpsc::UnboundedSender<String>,
    shared: Arc<Shared>,
    next: Mutex<u64>,
}

#[derive(Default)]
struct Shared {
    answers: Mutex<HashMap<u64, oneshot::Sender<Value>>>,
    events: Mutex<Vec<Value>>,
    news: Notify,
}

impl Peer {
    /// Python's package; `None` where it is not installed.
    pub(crate) fn python() -> Option<Self> {
        let mut command = Command::new(given("HUB_TEST_LIVEKIT_PYTHON")?);
        command.arg(script("python.py"));
        Some(Self::spawn(command))
    }

    /// `livekit-client` in Chromium, whose microphone is a WAV file; `None` where there is no browser.
    pub(crate) fn browser(microphone: &std::path::Path) -> Option<Self> {
        let (node, browser) = (given("HUB_TEST_LIVEKIT_NODE")?, given("HUB_TEST_LIVEKIT_BROWSER")?);
        let mut command = Command::new("node");
        command.arg(script("browser.js")).arg(node).arg(browser).arg(microphone);
        Some(Self::spawn(command))
    }

    fn spawn(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let shared = Arc::new(Shared::default());
        let (orders, waiting) = mpsc::unbounded_channel();
        tokio::spawn(write(child.stdin.take().unwrap(), waiting));
        tokio::spawn(read(BufReader::new(child.stdout.take().unwrap()), Arc::clone(&shared)));
        Self { child, orders, shared, next: Mutex::new(0) }
    }

    /// Joins a room at that URL, which may be a relay's.
    pub(crate) async fn join(&self, live: &Live, url: &str, room: &str, identity: &str) -> Value {
        self.join_with(live, url, room, identity, json!({})).await
    }

    /// Joins with more arguments: `texts`, `bytes` (topics), `methods`, `listen`.
    pub(crate) async fn join_with(
        &self,
        live: &Live,
        url: &str,
        room: &str,
        identity: &str,
        more: Value,
    ) -> Value {
        let mut order = json!({ "url": url, "token": live.token(room, identity) });
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.order("join", order).await
    }

    /// Gives an order and waits for its answer; an error of the peer is a panic.
    pub(crate) async fn order(&self, name: &str, arguments: Value) -> Value {
        let answer = self.try_order(name, arguments).await;
        assert!(answer.get("error").is_none(), "{name}: {answer}");
        answer
    }

    /// The same; an error of the peer is the answer's field `error`.
    pub(crate) async fn try_order(&self, name: &str, mut arguments: Value) -> Value {
        let id = {
            let mut next = self.next.lock().unwrap();
            *next += 1;
            *next
        };
        let (sender, answer) = oneshot::channel();
        self.shared.answers.lock().unwrap().insert(id, sender);
        // An order that goes on for so long says so.
        let patience = PATIENCE + Duration::from_secs_f64(arguments["seconds"].as_f64().unwrap_or(0.0));
        let fields = arguments.as_object_mut().unwrap();
        fields.extend([("id".to_owned(), json!(id)), ("do".to_owned(), json!(name))]);
        self.orders.send(arguments.to_string()).unwrap();
        let answer = tokio::time::timeout(patience, answer).await;
        answer.unwrap_or_else(|_| panic!("{name}: no answer")).unwrap_or_else(|_| panic!("{name}: it ended"))
    }

    /// The first event, since the start, of that kind that fits; it is taken out.
    pub(crate) async fn event(&self, kind: &str, within: Duration, fits: impl Fn(&Value) -> bool) -> Value {
        let waiting = async {
            loop {
                let news = self.shared.news.notified();
                {
                    let mut events = self.shared.events.lock().unwrap();
                    if let Some(at) = events.iter().position(|event| event["event"] == kind && fits(event)) {
                        return events.remove(at);
                    }
                }
                news.await;
            }
        };
        let found = tokio::time::timeout(within, waiting).await;
        found.unwrap_or_else(|_| panic!("no {kind} in {within:?}; there are {:?}", self.events()))
    }

    /// Every event that was not taken out.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.shared.events.lock().unwrap().clone()
    }

    /// What is heard of a participant for so long: `frequency`, `purity`, `longest_gap_ms`, …
    pub(crate) async fn hear(&self, identity: &str, seconds: f64) -> Value {
        self.order("hear", json!({ "identity": identity, "seconds": seconds })).await
    }

    /// The process that it is.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Ends it as a crash would.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }
}

fn script(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "peers", name].iter().collect()
}

async fn write(mut input: ChildStdin, mut orders: mpsc::UnboundedReceiver<String>) {
    while let Some(mut order) = orders.recv().await {
        order.push('\n');
        if input.write_all(order.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(output: BufReader<tokio::process::ChildStdout>, shared: Arc<Shared>) {
    let mut lines = output.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(told) = serde_json::from_str::<Value>(&line) else {
            println!("peer: {line}");
            continue;
        };
        match told["id"].as_u64() {
            Some(id) => {
                let waiting = shared.answers.lock().unwrap().remove(&id);
                let _ = waiting.map(|waiting| waiting.send(told));
            }
            None => shared.events.lock().unwrap().push(told),
        }
        shared.news.notify_waiters();
    }
    shared.answers.lock().unwrap().clear();
}
