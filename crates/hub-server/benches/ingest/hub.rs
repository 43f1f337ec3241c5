//! The real program, started on a folder of its own.

use super::client::Connection;
use super::load::Talker;
use super::store::Store;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The admin's token of every hub here.
const ADMIN: &str = "an-admin-token-of-a-benchmark-on-loopback";

/// A hub that runs until it is dropped.
pub(crate) struct Hub {
    child: Child,
    folder: tempfile::TempDir,
    /// Address and port.
    pub(crate) host: String,
    /// The owner's token.
    pub(crate) token: String,
    pub(crate) agent_id: String,
    pub(crate) space_id: String,
    /// From the start to the first answer of `/readyz`.
    pub(crate) ready: Duration,
}

impl Hub {
    /// Starts `hub serve` with these arguments on an empty database.
    pub(crate) async fn start(store: &Store, arguments: &[&str]) -> Self {
        // Under the target folder: a real disk, where a temporary folder may be memory.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let began = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_hub"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path())
            .args(arguments)
            .envs(store.environment())
            .env("HUB_ADMIN_TOKEN", ADMIN)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (host, client) = loop {
            assert!(began.elapsed() < Duration::from_secs(30), "the hub did not start");
            if let Some(found) = address(&folder.path().join("client.json")).await {
                break found;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        let ready = began.elapsed();
        let token =
            std::fs::read_to_string(folder.path().join("owner.token")).unwrap_or_default().trim().to_owned();
        let id = |name: &str| client[name].as_str().unwrap_or_default().to_owned();
        Self { agent_id: id("agent_id"), space_id: id("space_id"), child, folder, host, token, ready }
    }

    /// Starts another hub on the database of this one, with a folder of its own.
    pub(crate) async fn beside(&self, store: &Store, arguments: &[&str]) -> Self {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--bare"]).collect();
        let mut other = Self::start(store, &arguments).await;
        (other.token, other.agent_id, other.space_id) =
            (self.token.clone(), self.agent_id.clone(), self.space_id.clone());
        other
    }

    /// The owner, who talks to the hub's own agent.
    pub(crate) fn talker(&self) -> Talker {
        Talker { token: self.token.clone(), space_id: self.space_id.clone() }
    }

    /// Makes agents, each with a space and somebody who talks.
    pub(crate) async fn talkers(&self, count: usize) -> Vec<Talker> {
        let mut admin = Connection::open(&self.host, ADMIN).await;
        let mut talkers = Vec::new();
        for _ in 0..count {
            let agent_id =
                made(&mut admin, "/v1/agents", &json!({ "name": "one of many" }), "agent_id").await;
            let of = |thing: &str| format!("/v1/agents/{agent_id}/{thing}");
            let name = json!({ "name": "x" });
            let space_id = made(&mut admin, &of("spaces"), &name, "space_id").await;
            let person_id = made(&mut admin, &of("people"), &name, "person_id").await;
            let wish = json!({ "kind": "operator", "person_id": person_id, "role": "owner" });
            let token = made(&mut admin, &of("tokens"), &wish, "token").await;
            talkers.push(Talker { token, space_id });
        }
        talkers
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_path_buf()
    }

    /// Resident memory, as the kernel counts it.
    pub(crate) fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// Returns when every queue is empty.
    pub(crate) async fn drained(&self) {
        let mut connection = Connection::open(&self.host, &self.token).await;
        let path = format!("/v1/agents/{}/status", self.agent_id);
        loop {
            let (status, body) = connection.ask("GET", &path, "").await;
            assert_eq!(status, 200);
            let body: Value = serde_json::from_slice(body).unwrap();
            let waiting: u64 = body["queues"]
                .as_object()
                .unwrap()
                .values()
                .flat_map(|queue| ["ready", "leased", "delayed"].map(|state| queue[state].as_u64().unwrap()))
                .sum();
            if waiting == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Makes a thing and answers one member of it.
async fn made(admin: &mut Connection, path: &str, wish: &Value, member: &str) -> String {
    let (status, answer) = admin.ask("POST", path, &wish.to_string()).await;
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(answer));
    serde_json::from_slice::<Value>(answer).unwrap()[member].as_str().unwrap().to_owned()
}

/// Where the hub listens, once it answers that it is ready.
async fn address(file: &std::path::Path) -> Option<(String, Value)> {
    let client: Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    let host = client["url"].as_str()?.strip_prefix("http://")?.trim_end_matches('/').to_owned();
    tokio::net::TcpStream::connect(&host).await.ok()?;
    let (status, _) = Connection::open(&host, "").await.ask("GET", "/readyz", "").await;
    (status == 200).then_some((host, client))
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
