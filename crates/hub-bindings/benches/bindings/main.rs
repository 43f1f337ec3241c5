//! What it costs to cross into another language. Writes one JSON document to its standard output; `cargo xtask bench
//! bindings` builds the packages for release, says where they are, and reads it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark stops at the first surprise, and its output is what it prints"
)]

mod host;
mod own;

use host::Host;
use serde_json::{Value, json};

/// Calls that are timed, after as many again that warm up.
const CALLS: usize = 20_000;
/// Batches of events, of so many, so many of them under way at once.
const BATCHES: usize = 400;
const BATCH: usize = 100;
const BESIDE: usize = 8;
/// Rounds of each figure; the median counts.
const ROUNDS: usize = 5;
/// Bytes of a megabyte.
const MEGABYTE: f64 = 1e6;

#[tokio::main]
async fn main() {
    let mut figures = Vec::new();
    eprintln!("Rust …");
    let own_call = own::calls(CALLS).await;
    let mut own_ingest = Vec::new();
    let mut text_ingest = Vec::new();
    let hosts = Host::all();
    let mut ingest: Vec<Vec<f64>> = hosts.iter().map(|_| Vec::new()).collect();
    // In turns, so that whatever else the machine does falls on all of them.
    for round in 0..ROUNDS {
        eprintln!("ingest, round {} …", round + 1);
        own_ingest.push(own::ingest(BATCHES, BATCH, BESIDE).await);
        text_ingest.push(own::ingest_as_text(BATCHES, BATCH, BESIDE).await);
        for (host, rates) in hosts.iter().zip(&mut ingest) {
            rates.push(host.ingest(BATCHES, BATCH, BESIDE));
        }
    }
    let own_ingest = median(own_ingest);
    figures.push(json!({
        "name": format!("Rust, its requests and answers as text too: batches of {BATCH}, against Rust"),
        "value": median(text_ingest) / own_ingest, "unit": "×",
    }));
    for (host, rates) in hosts.iter().zip(ingest) {
        eprintln!("{} …", host.name());
        figures.extend(crossing(host, own_call));
        figures.extend(carrying(host, median(rates), own_ingest));
    }
    let notes = [
        format!(
            "a call: `hub.version`, which does nothing in the core, made into what the method of the language answers; the mean of {CALLS}, the median of {ROUNDS} rounds, less {own_call:.2} µs for the same call in Rust, JSON included"
        ),
        "Kotlin: on `Dispatchers.Default`, after two rounds that the machine's compiler saw; Swift: built by `-c release`"
            .to_owned(),
        format!(
            "batches: {BATCHES} of {BATCH} events, {BESIDE} under way at once, workers off, SQLite in a temporary folder; in Rust through the core itself, without JSON; the median of {ROUNDS} rounds in turns"
        ),
    ];
    println!("{}", json!({ "figures": figures, "notes": notes }));
}

/// What a call costs over Rust's own.
fn crossing(host: &Host, own: f64) -> Vec<Value> {
    let rounds: Vec<_> = (0..ROUNDS).map(|_| host.calls(CALLS)).collect();
    let figure = |(kind, at_most): (&str, f64)| {
        let took = median(rounds.iter().map(|round| round[kind]).collect());
        json!({
            "name": format!("{}: a call that does nothing, {kind}, over Rust's own", host.name()),
            "value": took - own, "unit": "µs", "reach": {"at_most": at_most},
        })
    };
    host.kinds().iter().copied().map(figure).collect()
}

/// What it brings to the hub, its loading and its size.
fn carrying(host: &Host, rate: f64, own: f64) -> [Value; 3] {
    let name = host.name();
    let mut load = json!({
        "name": format!("{name}: {}", host.loading()),
        "value": median((0..ROUNDS).map(|_| host.load()).collect()), "unit": "ms",
    });
    if let Some(at_most) = host.load_at_most() {
        load["reach"] = json!({ "at_most": at_most });
    }
    let batches = json!({
        "name": format!("{name}: batches of {BATCH}, against Rust"), "value": rate / own,
        "unit": "×", "reach": {"at_least": 0.8},
        "beside": {"name": format!("{name} {rate:.0}, Rust"), "value": own, "unit": "events/s"},
    });
    let library = json!({
        "name": format!("{name}: the native library, stripped"),
        "value": host.bytes() as f64 / MEGABYTE, "unit": "MB", "reach": {"at_most": 20.0},
    });
    [batches, load, library]
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
