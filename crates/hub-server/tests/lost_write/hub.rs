//! The hub under test: this very program, run again by the test as a process of its own.
//!
//! It is built as any host builds one, and served by the server's library over HTTP. What is not as
//! in life: its clock and its disk obey the test, its planner is slow at times, it has tools that
//! count, and it runs every worker more than once, so that a worker that is late has a successor.

use crate::seeded::Seeded;
use crate::tools::{SlowPlanner, counting};
use hub_core::clock::{Clock, SystemClock, Timestamp};
use hub_core::hub::WorkerRole;
use hub_core::store::{Executor, PostgresExecutor, SqliteExecutor};
use hub_core::testkit::DelayingExecutor;
use hub_core::vocabulary::PlannerKind;
use hub_core::{Context, DataFolder, Hub, HubBuilder, Settings};
use hub_server::auth::AdminToken;
use hub_server::server::{AppState, Settings as ServerSettings, serve};
use hub_server::telemetry::Metrics;
use hub_server::telemetry::logs::{self, LogFormat};
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Tells this program that it is to be a hub, and which.
pub(crate) const VARIABLE: &str = "HUB_LOST_WRITE_HUB";
pub(crate) const ADMIN: &str = "the-administrator-of-the-fault-run-01";
/// How long a worker holds a job.
pub(crate) const LEASE: Duration = Duration::from_secs(2);

/// Which hub.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Which {
    pub(crate) folder: PathBuf,
    /// A PostgreSQL database; without it, SQLite in the folder.
    pub(crate) postgres: Option<String>,
    /// Where the counting tools count.
    pub(crate) effects: PathBuf,
    pub(crate) seed: u64,
    /// How far its clock is from the machine's, in microseconds.
    pub(crate) clock: i64,
}

/// The hub that this process is to be, if it is to be one.
pub(crate) fn asked_for() -> Option<Which> {
    let told = std::env::var(VARIABLE).ok()?;
    Some(serde_json::from_str(&told).unwrap())
}

/// The machine's clock, off by what the test says.
#[derive(Debug)]
struct JumpingClock(Arc<AtomicI64>);

#[async_trait::async_trait]
impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0.load(Ordering::SeqCst))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Serves until it is killed, or the test is gone.
pub(crate) fn serve_until_killed(which: Which) {
    logs::init(LogFormat::Human, tracing::Level::INFO, false, std::io::stderr, None);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(run(which));
}

async fn run(which: Which) {
    let offset = Arc::new(AtomicI64::new(which.clock));
    let clock: Arc<dyn Clock> = Arc::new(JumpingClock(offset.clone()));
    let inner: Arc<dyn Executor> = match &which.postgres {
        Some(url) => Arc::new(PostgresExecutor::open(url).await.unwrap()),
        None => {
            std::fs::create_dir_all(&which.folder).unwrap();
            Arc::new(SqliteExecutor::open(&DataFolder::database_in(&which.folder)).await.unwrap())
        }
    };
    let disk = DelayingExecutor::over(inner, Arc::new(SystemClock), which.seed);
    let settings = Settings {
        window_pause_ms: 50,
        window_utterances: 10,
        lease_seconds: LEASE.as_secs(),
        // Longer than the lease, so that a planner can be late: the fence alone must hold.
        plan_timeout_seconds: 60,
        // Work is begun again after each kill; none of it may be given up for that.
        max_attempts: 1_000_000,
        action_expiry_hours: 10_000,
        poll_ms: 50,
        ..Settings::default()
    };
    let metrics = Metrics::new();
    let mut builder = HubBuilder::in_folder(&which.folder)
        .settings(settings)
        .clock(clock)
        .executor(Arc::new(disk.clone()))
        .observer(metrics.observer())
        .planner(PlannerKind::Rules, Arc::new(SlowPlanner::new(Seeded::of(which.seed, "planner", 0))));
    for tool in counting(&which.effects) {
        builder = builder.tool(tool);
    }
    let hub = builder.open().await.unwrap();
    // A worker takes up no other work before its own has ended: somebody must be free to succeed it.
    let more = [WorkerRole::ALL.to_vec(), vec![WorkerRole::Tools], vec![WorkerRole::Tools]];
    let _successors = more.map(|roles| hub.start_workers(roles));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    say(&format!("listens {}", listener.local_addr().unwrap()));
    let state =
        AppState::new(hub.clone(), AdminToken::new(ADMIN).unwrap(), ServerSettings::default(), metrics);
    serve(listener, state, obey(hub, disk, offset)).await;
}

/// Does what the test says, a line each; returns when the test is gone.
async fn obey(hub: Hub, disk: DelayingExecutor, offset: Arc<AtomicI64>) {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let _gone = line.map(|line| tell.send(line));
        }
    });
    while let Some(line) = told.recv().await {
        let mut words = line.split(' ');
        let word = words.next();
        let mut number = || words.next().unwrap().parse::<i64>().unwrap();
        match word {
            Some("clock") => {
                offset.store(number(), Ordering::SeqCst);
                say("clock set");
            }
            Some("disk") => {
                let millis = |number: i64| Duration::from_millis(number.unsigned_abs());
                let (least, most) = (millis(number()), millis(number()));
                disk.delay(least, most);
                say("disk set");
            }
            Some("commits") => {
                let millis = |number: i64| Duration::from_millis(number.unsigned_abs());
                let (least, most) = (millis(number()), millis(number()));
                disk.delay_commits(least, most);
                say("disk set");
            }
            Some("verify") => match hub.audit().verify(&Context::admin()).await {
                Ok(report) if report.holds() => say(&format!("verified {}", report.entries)),
                Ok(report) => {
                    say(&format!(
                        "broken {} problems, the first: {}",
                        report.problems_total, report.problems[0]
                    ));
                }
                Err(error) => say(&format!("unverified {}", error.code())),
            },
            other => panic!("no such word: {other:?}"),
        }
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // The test may be gone by now.
    let _told = writeln!(out, "hub: {line}").and_then(|()| out.flush());
}
