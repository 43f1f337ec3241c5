//! Ingest, end to end: the real program with its database on disk, and a client on the same
//! machine. Writes one JSON document to its standard output; `cargo xtask bench ingest` reads it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark stops at the first surprise, and its output is what it prints"
)]

mod client;
#[path = "../../../hub-core/tests/postgres/fresh.rs"]
mod fresh;
mod hub;
mod load;
mod meetings;
mod store;

use hub::Hub;
use load::{Load, Outcome, Talker};
use serde_json::{Value, json};
use store::Kind;

/// Connections of the client.
const CONNECTIONS: usize = 32;
/// Events of each measurement; enough for several seconds.
const SINGLE_EVENTS: usize = 60_000;
/// Rounds in which two ways of doing the same take turns.
const ROUNDS: usize = 7;
const BATCHED_EVENTS: usize = 200_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let kind = Kind::of(&arguments);
    let mut figures = Vec::new();
    let mut notes = vec![
        format!(
            "client and server share the machine; {CONNECTIONS} connections, each with one request under way"
        ),
        kind.note().to_owned(),
    ];
    // Names of parts run those alone.
    let parts = ["idle", "single", "hundred", "two", "sustained", "batched", "meetings"];
    let wanted: Vec<&String> =
        arguments.iter().filter(|argument| parts.contains(&argument.as_str())).collect();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|wanted| *wanted == part);
    if wants("idle") {
        idle(kind, &mut figures).await;
    }
    if wants("single") {
        single(kind, &mut figures).await;
    }
    if wants("hundred") {
        hundred(kind, &mut figures).await;
    }
    if wants("two") && kind == Kind::Postgres {
        two(kind, &mut figures).await;
    }
    if wants("sustained") {
        sustained(kind, &mut figures).await;
    }
    if wants("batched") {
        batched(kind, &mut figures).await;
    }
    if wants("meetings") {
        match meetings::file() {
            Some(file) => meetings::replay(kind, &file, &mut figures).await,
            None => notes.push("not run: the meetings file is not here (HUB_TEST_DATA)".to_owned()),
        }
    }
    println!("{}", json!({ "figures": figures, "notes": notes }));
}

fn figure(name: &str, value: f64, unit: &str, reach: Value) -> Value {
    json!({ "name": name, "value": value, "unit": unit, "reach": reach })
}

/// Start and rest of a fresh hub.
async fn idle(kind: Kind, figures: &mut Vec<Value>) {
    eprintln!("idle …");
    let store = kind.fresh().await;
    let hub = Hub::start(&store, &[]).await;
    figures.push(figure(
        "ready after the start",
        hub.ready.as_secs_f64() * 1e3,
        "ms",
        json!({ "at_most": 500.0 }),
    ));
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    figures.push(figure(
        "idle, resident",
        hub.resident_mib(),
        "MiB",
        kind.either(json!({ "at_most": 40.0 }), Value::Null),
    ));
}

/// Single-event requests, beside what the same client and server do with an empty answer.
async fn single(kind: Kind, figures: &mut Vec<Value>) {
    eprintln!("single events …");
    let store = kind.fresh().await;
    let hub = Hub::start(&store, &["--no-workers"]).await;
    let ceiling = load::empty(&hub, CONNECTIONS, SINGLE_EVENTS).await;
    let outcome = Load { connections: CONNECTIONS, events: SINGLE_EVENTS, batch: 1 }.run(&hub).await;
    let mut rate = figure(
        "single-event requests, workers off",
        outcome.rate(),
        "events/s",
        json!({ "at_least": kind.either(10_000.0, 8_000.0) }),
    );
    rate["beside"] = json!({ "name": "GET /healthz, same connections", "value": ceiling.rate() });
    figures.push(rate);
    latencies("single-event requests, workers off", &outcome, json!({ "at_most": 50.0 }), figures);
    if let Some(plain) = store.plain_rows(CONNECTIONS) {
        let mut ratio = figure(
            "the same, against pgbench inserting one plain row a transaction",
            outcome.rate() / plain,
            "×",
            Value::Null,
        );
        ratio["beside"] = json!({ "name": "pgbench, 32 clients", "value": plain, "unit": "transactions/s" });
        figures.push(ratio);
    }
}

/// One agent and a hundred, on the same database.
async fn hundred(kind: Kind, figures: &mut Vec<Value>) {
    eprintln!("a hundred agents …");
    let store = kind.fresh().await;
    let hub = Hub::start(&store, &["--no-workers"]).await;
    let one = (vec![&hub], vec![hub.talker()]);
    let many = (vec![&hub], hub.talkers(100).await);
    let measured = against(&one, &many).await;
    figures.push(measured.figure("single-event requests, 100 agents against one", "100 agents"));
}

/// One hub and two of them, on the same database, for one agent and for a hundred.
async fn two(kind: Kind, figures: &mut Vec<Value>) {
    eprintln!("two hubs …");
    let store = kind.fresh().await;
    let hub = Hub::start(&store, &["--no-workers"]).await;
    let other = hub.beside(&store, &["--no-workers"]).await;
    for (agents, talkers) in [("one agent", vec![hub.talker()]), ("100 agents", hub.talkers(100).await)] {
        let alone = (vec![&hub], talkers.clone());
        let both = (vec![&hub, &other], talkers);
        let measured = against(&alone, &both).await;
        figures.push(measured.figure(&format!("two hubs against one, {agents}"), "two hubs"));
    }
}

/// Events a second of two ways to do the same, by round.
struct Against {
    first: Vec<f64>,
    second: Vec<f64>,
}

/// Who is asked, and by whom.
type Way<'a> = (Vec<&'a Hub>, Vec<Talker>);

/// Measures two ways in turn, after a round of each that does not count: what a database does in between, and
/// what the machine does beside, meets both.
async fn against(first: &Way<'_>, second: &Way<'_>) -> Against {
    let load = Load { connections: CONNECTIONS, events: SINGLE_EVENTS / ROUNDS, batch: 1 };
    let mut measured = Against { first: Vec::new(), second: Vec::new() };
    for round in 0..=ROUNDS {
        let one = load.share(&first.0, first.1.clone()).await.rate();
        let other = load.share(&second.0, second.1.clone()).await.rate();
        if round > 0 {
            measured.first.push(one);
            measured.second.push(other);
        }
    }
    measured
}

impl Against {
    /// The median of the rounds' ratios.
    fn figure(&self, name: &str, second: &str) -> Value {
        let mut ratios: Vec<f64> =
            self.first.iter().zip(&self.second).map(|(first, second)| second / first).collect();
        ratios.sort_by(f64::total_cmp);
        let (least, most) = (ratios[0], ratios[ratios.len() - 1]);
        eprintln!("{name}: {least:.2} to {most:.2} ×");
        let mut figure = figure(
            &format!("{name}, median of {ROUNDS} rounds in turn"),
            ratios[ratios.len() / 2],
            "×",
            json!({ "at_least": 1.0 }),
        );
        let mean = self.second.iter().sum::<f64>() / self.second.len() as f64;
        figure["beside"] = json!({
            "name": format!("{second}; the rounds have {least:.2} to {most:.2} ×"), "value": mean, "unit": "events/s"
        });
        figure
    }
}

/// The same with workers, until everything is recallable and planned.
async fn sustained(kind: Kind, figures: &mut Vec<Value>) {
    eprintln!("single events, workers on, until drained …");
    let store = kind.fresh().await;
    let hub = Hub::start(&store, &[]).await;
    let load = Load { connections: CONNECTIONS, events: SINGLE_EVENTS, batch: 1 };
    let began = std::time::Instant::now();
    let outcome = load.run(&hub).await;
    hub.drained().await;
    let drained = SINGLE_EVENTS as f64 / began.elapsed().as_secs_f64();
    figures.push(figure(
        "single-event requests, workers on, until drained",
        drained,
        "events/s",
        kind.either(json!({ "at_least": 4_000.0 }), Value::Null),
    ));
    latencies("the same, acknowledgement", &outcome, Value::Null, figures);
}

/// Batches of 100.
async fn batched(kind: Kind, figures: &mut Vec<Value>) {
    eprintln!("batches of 100 …");
    let store = kind.fresh().await;
    let hub = Hub::start(&store, &["--no-workers"]).await;
    let outcome = Load { connections: CONNECTIONS, events: BATCHED_EVENTS, batch: 100 }.run(&hub).await;
    figures.push(figure(
        "batches of 100, workers off",
        outcome.rate(),
        "events/s",
        json!({ "at_least": kind.either(40_000.0, 20_000.0) }),
    ));
    latencies("batches of 100", &outcome, Value::Null, figures);
}

fn latencies(name: &str, outcome: &Outcome, reach: Value, figures: &mut Vec<Value>) {
    figures.push(figure(&format!("{name}, p50"), outcome.percentile(50), "ms", Value::Null));
    figures.push(figure(&format!("{name}, p99"), outcome.percentile(99), "ms", reach));
}
