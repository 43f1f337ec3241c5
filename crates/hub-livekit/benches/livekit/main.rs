//! A room on a real server, beside a participant of Python's package. Writes one JSON document to its standard
//! output; `cargo xtask bench livekit` starts the server and reads it.
//!
//! Arguments: names of parts (`cpu`, `first`, `moments`, `faults`, `resume`, `memory`), which run those alone;
//! `--seconds N` of speech for what is timed (60).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    dead_code,
    unreachable_pub,
    reason = "a benchmark stops at the first surprise, measures the machine's time, and its output is what it prints"
)]

mod cpu;
mod faults;
mod first;
mod memory;
mod moments;
#[path = "../../tests/network/mod.rs"]
mod network;
mod resume;
mod speaker;
#[path = "../sound/speech.rs"]
mod speech;
#[path = "../../tests/support/mod.rs"]
mod support;

use serde_json::{Value, json};
use speech::Speech;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let place = arguments.iter().position(|argument| argument == "--seconds");
    let seconds = place.map_or(60, |place| arguments[place + 1].parse().expect("a number"));
    let parts = ["cpu", "first", "moments", "faults", "resume", "memory"];
    let all = !arguments.iter().any(|argument| parts.contains(&argument.as_str()));
    let wants = |part: &str| all || arguments.iter().any(|argument| argument == part);
    let live = support::live().expect("a server: run `cargo xtask bench livekit`");
    let speech = Speech::find();
    let mut figures = Vec::new();
    if wants("cpu") {
        cpu::measure(&live, &speech, Duration::from_secs(seconds), &mut figures).await;
    }
    if wants("first") {
        first::measure(&live, &mut figures).await;
    }
    if wants("moments") {
        moments::measure(&live, &speech, &mut figures).await;
    }
    if wants("faults") {
        faults::measure(&live, &speech, Duration::from_secs(seconds), &mut figures).await;
    }
    if wants("resume") {
        resume::measure(&live, &mut figures).await;
    }
    if wants("memory") {
        memory::measure(&live, &speech, &mut figures).await;
    }
    let notes = [
        speech.note(),
        "Everything is on loopback of one machine: server, peer and this process share its cores.".to_owned(),
        "This process runs on one thread.".to_owned(),
        "CPU is user and system time of the whole process, in hundredths of a second, as the kernel counts it."
            .to_owned(),
        "Python's participant publishes the same speech and collects what it hears in its own loop.".to_owned(),
        "Losses and jitter are a relay's, by a seed, in both directions of one participant's UDP.".to_owned(),
        "A participant in a room of its own here hears one other, which speaks.".to_owned(),
    ];
    println!("{}", json!({ "figures": figures, "notes": notes }));
}

fn figure(name: &str, value: f64, unit: &str, reach: Value) -> Value {
    eprintln!("{name}: {value:.4} {unit}");
    json!({ "name": name, "value": value, "unit": unit, "reach": reach })
}

/// The value that so many of a hundred do not pass.
fn percentile(values: &mut [f64], of_hundred: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * of_hundred).div_ceil(100).max(1) - 1]
}
