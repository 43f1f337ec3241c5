//! Without a collector nothing is recorded, kept or sent.

use crate::cli_support::Folder;
use crate::collector::{Collector, Manner};
use crate::house::{House, collecting};
use crate::story::{HEARD, HEARD_BY, traceparent};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use std::path::Path;

/// Names of the threads of a process.
fn threads(process: u32) -> Vec<String> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let name =
        |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
    tasks.map(|task| name(task.unwrap()).trim().to_owned()).collect()
}

async fn count(connection: &mut SqliteConnection, sql: &'static str) -> i64 {
    sqlx::query(sql).fetch_one(connection).await.unwrap().get(0)
}

/// Rows that traces leave in a database: of talk, and of actions.
async fn kept(folder: &Path) -> (i64, i64) {
    let options = SqliteConnectOptions::new().filename(folder.join("hub.db")).read_only(true);
    let mut connection = options.connect().await.unwrap();
    let talk = count(&mut connection, "SELECT count(*) FROM talk_traces").await;
    (talk, count(&mut connection, "SELECT count(*) FROM actions WHERE trace_context IS NOT NULL").await)
}

/// Lives a little, and answers what was kept and which threads there were.
async fn live(environment: &[(&'static str, String)]) -> ((i64, i64), Vec<String>) {
    let house = House::start(Folder::new(), &[], environment);
    house.say(&["remind me to water the plants tomorrow at 9"], None).await;
    let action = house.proposed().await;
    house.approve(&action, None).await;
    house.done(&action).await;
    house.drained().await;
    let threads = threads(house.hub.id());
    let (folder, _) = house.stop().await;
    (kept(&folder.path()).await, threads)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_collector_nothing_is_kept_and_nobody_waits_to_send() {
    let is_sender = |name: &String| name.starts_with("OpenTelemetry");
    let (kept, threads) = live(&[]).await;
    assert_eq!(kept, (0, 0));
    assert!(!threads.iter().any(is_sender), "{threads:?}");

    // The same look finds what there is with one.
    let collector = Collector::start(Manner::default()).await;
    let (kept, threads) = live(&collecting(&collector.url)).await;
    assert_eq!(kept, (1, 1));
    assert!(threads.iter().any(is_sender), "{threads:?}");
    assert!(!collector.spans().is_empty() && !collector.metrics().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_can_be_turned_off_and_all_of_it() {
    for (variable, value, traces, metrics) in [
        ("OTEL_SDK_DISABLED", "true", false, false),
        ("OTEL_TRACES_EXPORTER", "none", false, true),
        ("OTEL_METRICS_EXPORTER", "none", true, false),
        ("OTEL_TRACES_SAMPLER", "always_off", false, true),
    ] {
        let collector = Collector::start(Manner::default()).await;
        let mut environment = collecting(&collector.url);
        environment.push((variable, value.to_owned()));
        live(&environment).await;
        let got = (!collector.spans().is_empty(), !collector.metrics().is_empty());
        assert_eq!(got, (traces, metrics), "{variable}={value}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trace_of_a_caller_stands_in_the_log_without_a_collector_too() {
    let house = House::start(Folder::new(), &[], &[]);
    let request = crate::cli_support::http().get(format!("{}/v1/agents/none", house.hub.url()));
    let request = request.bearer_auth(house.tokens()[0]).header("traceparent", traceparent(HEARD, HEARD_BY));
    assert_eq!(request.send().await.unwrap().status(), 400);
    let log = house.log();
    let line = log.lines().find(|line| line.contains("refused")).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains(HEARD), "{line}");
}
