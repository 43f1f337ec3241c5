//! A server on a free port with a folder of its own, and a client.
#![allow(dead_code, reason = "not every test binary uses all of it")]

#[cfg(feature = "postgres")]
#[path = "../../../hub-core/tests/postgres/fresh.rs"]
mod fresh;

use hub_core::hub::HubBuilder;
use hub_core::store::Executor;
use hub_core::{Hub, Settings as HubSettings};
use hub_server::auth::AdminToken;
use hub_server::server::{AppState, Settings, Stopped, serve};
use hub_server::telemetry::Metrics;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The administrator's token of every test.
pub(crate) const ADMIN: &str = "the-administrator-of-these-tests-0001";

/// A database of a test's own; it goes with this value.
pub(crate) enum Database {
    Sqlite(tempfile::TempDir),
    #[cfg(feature = "postgres")]
    Postgres(Box<fresh::Fresh>),
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    /// `None` where no server for tests is named.
    #[cfg(feature = "postgres")]
    pub(crate) async fn postgres() -> Option<Self> {
        fresh::Fresh::make().await.map(|fresh| Self::Postgres(Box::new(fresh)))
    }

    /// A way to it; there may be several at once.
    pub(crate) async fn open(&self) -> Arc<dyn Executor> {
        match self {
            Self::Sqlite(folder) => {
                let file = folder.path().join("other.db");
                Arc::new(hub_core::store::SqliteExecutor::open(&file).await.unwrap())
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(fresh) => {
                Arc::new(hub_core::store::PostgresExecutor::open(&fresh.url()).await.unwrap())
            }
        }
    }
}

/// A test on each database: a function of a [`Database`] that is run on SQLite, and on PostgreSQL where
/// there is a server.
#[allow(unused_macros, reason = "not every test binary uses it")]
macro_rules! on_both_databases {
    ($($test:ident)+) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::harness::Database::sqlite()).await;
            })+
        }

        #[cfg(feature = "postgres")]
        mod on_postgresql {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let Some(database) = crate::harness::Database::postgres().await else { return };
                super::$test(database).await;
            })+
        }
    };
}
#[allow(unused_imports, reason = "not every test binary uses it")]
pub(crate) use on_both_databases;

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) address: std::net::SocketAddr,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) client: Client,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Stopped>,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Settings::default(), |builder| builder).await
    }

    /// A server on that database instead of the one in its folder.
    pub(crate) async fn start_on(
        database: &Database,
        settings: Settings,
        build: impl FnOnce(HubBuilder) -> HubBuilder,
    ) -> Self {
        let executor = database.open().await;
        Self::start_with(settings, |builder| build(builder.executor(executor))).await
    }

    pub(crate) async fn start_with(settings: Settings, build: impl FnOnce(HubBuilder) -> HubBuilder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let metrics = Metrics::new();
        let quick =
            HubSettings { window_pause_ms: 10, poll_ms: 10, max_attempts: 1, ..HubSettings::default() };
        let builder = HubBuilder::in_folder(folder.path()).settings(quick).observer(metrics.observer());
        let hub: Hub = build(builder).open().await.unwrap();
        let state = AppState::new(hub, AdminToken::new(ADMIN).unwrap(), settings, metrics);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(listener, state, async {
            let _sent_or_dropped = stopped.await;
        }));
        let client = hub_server::tls::Trust::default().http().unwrap().no_proxy().build().unwrap();
        Self { url: format!("http://{address}"), address, folder, client, stop: Some(stop), task }
    }

    /// Tells the server to stop, without waiting for it.
    pub(crate) fn begin_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// How the server stopped, and its folder.
    pub(crate) async fn stopped(self) -> (Stopped, tempfile::TempDir) {
        (self.task.await.unwrap(), self.folder)
    }

    pub(crate) async fn stop(mut self) -> (Stopped, tempfile::TempDir) {
        self.begin_stop();
        self.stopped().await
    }

    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Vec<u8>>,
    ) -> Reply {
        let method: Method = method.parse().unwrap();
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply { status, headers, text, body }
    }

    pub(crate) async fn call(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Reply {
        self.raw(method, path, Some(token), body.map(|body| body.to_string().into_bytes())).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Value {
        self.call("GET", path, token, None).await.expect(StatusCode::OK)
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Value {
        let reply = self.call("POST", path, token, Some(body)).await;
        assert!(reply.status < 300, "{path}: {reply:?}");
        reply.body
    }
}

impl Reply {
    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status.as_u16(), "{}", self.text);
        self.body
    }

    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Fails unless this is a whole problem with this status and code.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> &Value {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let body = &self.body;
        assert_eq!(body["type"], format!("urn:hub:problem:{code}"));
        assert_eq!(body["status"], status);
        assert!(!body["title"].as_str().unwrap().is_empty());
        assert!(!body["detail"].as_str().unwrap().is_empty());
        assert!(body["retryable"].is_boolean());
        assert_eq!(body["request_id"], self.headers["x-request-id"].to_str().unwrap());
        body
    }
}

/// The text of an id in an answer.
#[track_caller]
pub(crate) fn id(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned()
}

/// Asks until the answer is there.
pub(crate) async fn until<T, F: AsyncFnMut() -> Option<T>>(what: &str, mut ask: F) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
