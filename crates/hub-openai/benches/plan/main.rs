//! The hub's own time for a window that a model plans, and a hundred windows that wait for a slow one.
//! Writes one JSON document to its standard output; `cargo xtask bench plan` reads it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark stops at the first surprise, and its output is what it prints"
)]

mod house;

use house::House;
use hub_openai_fake::{Answer, Reply, Script};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Windows that are measured, one at a time, after as many again that warm the hub up.
const WINDOWS: usize = 300;
/// Memories that there are before, for recall to look at.
const MEMORIES: usize = 3_000;
/// Windows that wait for the slow model at once.
const WAITING: usize = 100;
const SLOW_MS: u64 = 2_000;
/// What a plan rests on: the utterance of these words, whatever stands before it in its window.
const SOURCE: &str = "@said:please look at the boiler before winter";
/// Events of a batch while ingest is measured.
const BATCH: usize = 100;

#[tokio::main]
async fn main() {
    let mut figures = Vec::new();
    own_time(&mut figures).await;
    waiting(&mut figures).await;
    let notes = [
        format!("SQLite in a folder on disk; one hub in this process, the model is a fake on loopback; {MEMORIES} memories before"),
        "own time: from the claim of a window to the commit of its plan, the fake's answer included; a window is one utterance, its plan one memory and one action".to_owned(),
    ];
    println!("{}", json!({ "figures": figures, "notes": notes }));
}

fn plan() -> Answer {
    let plan = json!({
        "memories": [{"content": "Somebody mentioned the boiler", "predicate": "mentioned", "person": "p1",
                      "confidence": 0.8, "sources": [SOURCE]}],
        "actions": [{"tool": "memory.note", "arguments": "{\"text\": \"the boiler\"}", "reason": "asked", "sources": [SOURCE]}],
    });
    Answer::of(Reply::Json(plan))
}

fn figure(name: &str, value: f64, unit: &str, reach: Value) -> Value {
    json!({ "name": name, "value": value, "unit": unit, "reach": reach })
}

async fn own_time(figures: &mut Vec<Value>) {
    eprintln!("own time …");
    let house = House::open(Script::default().otherwise(plan())).await;
    house.remember(MEMORIES).await;
    for number in 0..2 * WINDOWS {
        house.say(house.first_space(), number).await;
        house.planned(number + 1).await;
    }
    let mut took: Vec<f64> =
        house.took().into_iter().skip(WINDOWS).map(|took| took.as_secs_f64() * 1e3).collect();
    took.sort_by(f64::total_cmp);
    let at = |part: f64| took[((took.len() - 1) as f64 * part).round() as usize];
    figures.push(figure("own time of a window, p50", at(0.5), "ms", json!({ "at_most": 10.0 })));
    figures.push(figure("own time of a window, p99", at(0.99), "ms", json!({ "at_most": 40.0 })));
    house.close().await;
}

async fn waiting(figures: &mut Vec<Value>) {
    eprintln!("{WAITING} windows that wait …");
    let house = House::open(Script::default().otherwise(plan().after_ms(SLOW_MS))).await;
    let spaces = house.spaces(WAITING).await;
    // The same load before, and while the windows wait.
    let alone = ingest(&house, Duration::from_secs(3)).await;
    let began = Instant::now();
    for (number, space) in spaces.iter().enumerate() {
        house.say(*space, number).await;
    }
    let meanwhile = ingest(&house, Duration::from_secs(3)).await;
    house.planned(WAITING).await;
    let all = began.elapsed().as_secs_f64();
    figures.push(figure("100 windows waiting 2 s each, all planned", all, "s", json!({ "at_most": 10.0 })));
    let mut ingest = figure("ingest meanwhile, batches of 100", meanwhile, "events/s", Value::Null);
    ingest["beside"] = json!({ "name": "the same with nothing waiting", "value": alone });
    ingest.as_object_mut().unwrap().remove("reach");
    figures.push(ingest);
    house.close().await;
}

/// Events a second that one caller has acknowledged.
async fn ingest(house: &House, lasting: Duration) -> f64 {
    let (began, mut sent) = (Instant::now(), 0);
    while began.elapsed() < lasting {
        house.noise(BATCH).await;
        sent += BATCH;
    }
    sent as f64 / began.elapsed().as_secs_f64()
}
