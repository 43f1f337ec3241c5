//! A fresh database for a test, on the server that the environment names.
#![allow(dead_code, reason = "not every test that has a database asks for all of it")]

use hub_core::store::{Executor, Intent, Reach, Sql, Statement};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _};
use std::io::Write as _;
use std::str::FromStr as _;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The URL of a server on which databases may be made, as `cargo xtask services up` prints it.
const SERVER: &str = "HUB_TEST_POSTGRES_URL";

/// An empty database; it is dropped with this value, whoever is still connected.
pub(crate) struct Fresh {
    server: PgConnectOptions,
    name: String,
}

impl Fresh {
    /// `None`, and a line that says so, where no server is named. Under CI that is a failure.
    pub(crate) async fn make() -> Option<Self> {
        static SAID: Once = Once::new();
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let Some(url) = variable(SERVER) else {
            assert!(variable("CI").is_none(), "{SERVER} names no server, which CI demands");
            SAID.call_once(|| {
                // Past the test harness, which keeps what a test that passes prints.
                let _told = writeln!(std::io::stderr(), "skipped: {SERVER} names no PostgreSQL server");
            });
            return None;
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("hub_test_{}_{number}", std::process::id());
        let fresh = Self { server: PgConnectOptions::from_str(&url).unwrap(), name };
        // A run that was killed left its own, and processes are numbered again.
        fresh.clear().await;
        fresh.tell(&[&fresh.begin()]).await;
        Some(fresh)
    }

    pub(crate) fn url(&self) -> String {
        self.server.clone().database(&self.name).to_url_lossy().into()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The URL of a user that owns nothing here and may do nothing.
    pub(crate) async fn login(&self) -> String {
        let name = format!("{}_login", self.name);
        self.tell(&[&format!("CREATE ROLE {name} LOGIN PASSWORD 'secret'")]).await;
        self.server.clone().database(&self.name).username(&name).password("secret").to_url_lossy().into()
    }

    /// Ends every connection to this database, as a restart of the server does.
    pub(crate) async fn end_connections(&self) {
        let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname =";
        self.tell(&[&format!("{end} '{}'", self.name)]).await;
    }

    /// Runs statements in this database, each by itself.
    pub(crate) async fn run(&self, statements: &[&str]) {
        run(&self.server.clone().database(&self.name), statements).await;
    }

    /// The only number that a question answers, asked as the owner, whom no wall stops.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let mut connection = self.connect().await;
        let row = connection.fetch_one(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
        connection.close().await.unwrap();
        row.get(0)
    }

    /// A connection of the owner's.
    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnection::connect_with(&self.server.clone().database(&self.name)).await.unwrap()
    }

    /// Makes the database anew with another encoding.
    pub(crate) async fn encode(&self, encoding: &str) {
        self.clear().await;
        self.tell(&[&self.begin().replace("UTF8", encoding)]).await;
    }

    /// What a connection of this executor has as a setting.
    pub(crate) async fn setting(&self, executor: &dyn Executor, name: &str) -> String {
        let sql = Sql::Assembled("SELECT current_setting($1)".into());
        let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
        let mut rows = tx.query(&Statement { sql }, vec![name.into()]).await.unwrap();
        rows[0].take(0).unwrap()
    }

    fn begin(&self) -> String {
        format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'", self.name)
    }

    async fn clear(&self) {
        clear(&self.server, &self.name).await;
    }

    async fn tell(&self, statements: &[&str]) {
        run(&self.server, statements).await;
    }
}

async fn run(database: &PgConnectOptions, statements: &[&str]) {
    let mut connection = PgConnection::connect_with(database).await.unwrap();
    for statement in statements {
        connection.execute(sqlx::raw_sql(AssertSqlSafe((*statement).to_owned()))).await.unwrap();
    }
    connection.close().await.unwrap();
}

/// Drops the database of this name and the roles that were made for it.
async fn clear(server: &PgConnectOptions, name: &str) {
    let database = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    let roles = ["hub", "hub_across", "login", "outsider"];
    let roles = roles.map(|role| format!("DROP ROLE IF EXISTS {name}_{role}"));
    let all: Vec<&str> = [database.as_str()].into_iter().chain(roles.iter().map(String::as_str)).collect();
    run(server, &all).await;
}

/// How long a test waits until its database is dropped.
const PATIENCE: Duration = Duration::from_secs(3);

impl Drop for Fresh {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let (done, is_done) = std::sync::mpsc::channel();
        // The runtime of the test cannot be waited for in here: another one does it.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(clear(&server, &name));
            let _nobody_waits = done.send(());
        });
        // What is left of the hub may be in the middle of connecting: the server drops no database before
        // that has ended, and it ends with the runtime of the test, which stands still in here.
        let _in_time = is_done.recv_timeout(PATIENCE);
    }
}

#[allow(clippy::disallowed_methods, reason = "which server tests may use is told by the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
