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
mod hub;
mod load;
mod meetings;

use hub::Hub;
use load::{Load, Outcome};
use serde_json::{Value, json};

/// Connections of the client.
const CONNECTIONS: usize = 32;
/// Events of each measurement; enough for several seconds.
const SINGLE_EVENTS: usize = 60_000;
const BATCHED_EVENTS: usize = 200_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut figures = Vec::new();
    let mut notes = vec![
        format!(
            "client and server share the machine; {CONNECTIONS} connections, each with one request under way"
        ),
        "SQLite in WAL with synchronous=FULL; every acknowledged event is synced to disk".to_owned(),
    ];
    // Names of parts run those alone.
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == part);
    if wants("idle") {
        idle(&mut figures).await;
    }
    if wants("single") {
        single(&mut figures).await;
    }
    if wants("sustained") {
        sustained(&mut figures).await;
    }
    if wants("batched") {
        batched(&mut figures).await;
    }
    if wants("meetings") {
        match meetings::file() {
            Some(file) => meetings::replay(&file, &mut figures).await,
            None => notes.push("not run: the meetings file is not here (HUB_TEST_DATA)".to_owned()),
        }
    }
    println!("{}", json!({ "figures": figures, "notes": notes }));
}

fn figure(name: &str, value: f64, unit: &str, reach: Value) -> Value {
    json!({ "name": name, "value": value, "unit": unit, "reach": reach })
}

/// Start and rest of a fresh hub.
async fn idle(figures: &mut Vec<Value>) {
    eprintln!("idle …");
    let hub = Hub::start(&[]).await;
    figures.push(figure(
        "ready after the start",
        hub.ready.as_secs_f64() * 1e3,
        "ms",
        json!({ "at_most": 500.0 }),
    ));
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    figures.push(figure("idle, resident", hub.resident_mib(), "MiB", json!({ "at_most": 40.0 })));
}

/// Single-event requests, beside what the same client and server do with an empty answer.
async fn single(figures: &mut Vec<Value>) {
    eprintln!("single events …");
    let hub = Hub::start(&["--no-workers"]).await;
    let ceiling = load::empty(&hub, CONNECTIONS, SINGLE_EVENTS).await;
    let outcome = Load { connections: CONNECTIONS, events: SINGLE_EVENTS, batch: 1 }.run(&hub).await;
    let mut rate = figure(
        "single-event requests, workers off",
        outcome.rate(),
        "events/s",
        json!({ "at_least": 10_000.0 }),
    );
    rate["beside"] = json!({ "name": "GET /healthz, same connections", "value": ceiling.rate() });
    figures.push(rate);
    latencies("single-event requests, workers off", &outcome, json!({ "at_most": 50.0 }), figures);
}

/// The same with workers, until everything is recallable and planned.
async fn sustained(figures: &mut Vec<Value>) {
    eprintln!("single events, workers on, until drained …");
    let hub = Hub::start(&[]).await;
    let load = Load { connections: CONNECTIONS, events: SINGLE_EVENTS, batch: 1 };
    let began = std::time::Instant::now();
    let outcome = load.run(&hub).await;
    hub.drained().await;
    let drained = SINGLE_EVENTS as f64 / began.elapsed().as_secs_f64();
    figures.push(figure(
        "single-event requests, workers on, until drained",
        drained,
        "events/s",
        json!({ "at_least": 4_000.0 }),
    ));
    latencies("the same, acknowledgement", &outcome, Value::Null, figures);
}

/// Batches of 100.
async fn batched(figures: &mut Vec<Value>) {
    eprintln!("batches of 100 …");
    let hub = Hub::start(&["--no-workers"]).await;
    let outcome = Load { connections: CONNECTIONS, events: BATCHED_EVENTS, batch: 100 }.run(&hub).await;
    figures.push(figure(
        "batches of 100, workers off",
        outcome.rate(),
        "events/s",
        json!({ "at_least": 40_000.0 }),
    ));
    latencies("batches of 100", &outcome, Value::Null, figures);
}

fn latencies(name: &str, outcome: &Outcome, reach: Value, figures: &mut Vec<Value>) {
    figures.push(figure(&format!("{name}, p50"), outcome.percentile(50), "ms", Value::Null));
    figures.push(figure(&format!("{name}, p99"), outcome.percentile(99), "ms", reach));
}
