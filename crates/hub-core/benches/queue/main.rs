//! The queue: how many jobs a second are claimed and ended when there is no work in them. Writes one
//! JSON document to its standard output; `cargo xtask bench queue` reads it.
//!
//! Arguments: `--store sqlite|postgres`, `--seconds N` for what is to last (60), `--dead N` for the dead
//! letters that are kept (1,000,000), and names of parts, which run those alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a benchmark stops at the first surprise, measures the machine's time, and its output is what it prints"
)]

#[path = "../../tests/postgres/fresh.rs"]
mod fresh;
mod load;
mod raw;
mod store;

use load::Load;
use serde_json::{Value, json};
use std::time::Duration;
use store::{Kind, Store};

/// Jobs of a measurement that ends when they are done.
const JOBS: usize = 150_000;
/// How long a measurement lasts while jobs come in, where nothing is to be seen of its length.
const WHILE: Duration = Duration::from_secs(10);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let kind = if option(&arguments, "--store").is_some_and(|named| named == "postgres") {
        Kind::Postgres
    } else {
        Kind::Sqlite
    };
    let number = |name, default| option(&arguments, name).map_or(default, |given| given.parse().unwrap());
    let seconds = Duration::from_secs(number("--seconds", 60));
    let dead = number("--dead", 1_000_000);
    let mut figures = Vec::new();
    let parts = ["claims", "held", "dead"];
    let named = |part: &str| arguments.iter().any(|argument| argument == part);
    let all = !parts.into_iter().any(named);
    let wants = |part: &str| all || named(part);
    if wants("claims") {
        claims(kind, &mut figures).await;
    }
    if wants("held") && kind == Kind::Postgres {
        held(seconds, &mut figures).await;
    }
    if wants("dead") {
        with_dead_letters(kind, dead, &mut figures).await;
    }
    let notes = [kind.note().to_owned(), load::note()];
    println!("{}", json!({ "figures": figures, "notes": notes }));
}

fn option<'a>(arguments: &'a [String], name: &str) -> Option<&'a String> {
    let place = arguments.iter().position(|argument| argument == name)?;
    Some(arguments.get(place + 1).expect("an option has a value"))
}

fn figure(name: &str, value: f64, reach: Value) -> Value {
    json!({ "name": name, "value": value, "unit": "jobs/s", "reach": reach })
}

/// What waits is worked off, beside bare SQL that does the same one job at a time.
async fn claims(kind: Kind, figures: &mut Vec<Value>) {
    eprintln!("claim and complete …");
    let store = Store::fresh(kind).await;
    let load = Load::on(&store).await;
    load.enqueue(JOBS).await;
    let rate = load.drain(JOBS).await;
    load.shutdown().await;
    let mut ours = figure("claim + complete", rate, json!({ "at_least": 2_500.0 }));
    let raw = raw::Raw::on(&store, 400_000);
    let peers = raw.map(|raw| [8, 32].map(|clients| raw.rate(clients, Duration::from_secs(8))));
    if let Some([few, _]) = peers {
        ours["beside"] = json!({ "name": "bare SKIP LOCKED by pgbench, 8 clients", "value": few });
    }
    figures.push(ours);
    figures.extend(peers.map(|[_, many]| figure("the peer: pgbench with 32 clients", many, Value::Null)));
}

/// Jobs come in and are worked off while a transaction is held open that sees none of them end.
async fn held(seconds: Duration, figures: &mut Vec<Value>) {
    eprintln!("while jobs come in …");
    let store = Store::fresh(Kind::Postgres).await;
    let load = Load::on(&store).await;
    let free = load.run(WHILE).await;
    figures.push(figure("claim + complete while jobs come in", free.rate(), Value::Null));
    eprintln!("the same with a transaction held open for {} s …", seconds.as_secs());
    let snapshot = store.hold_snapshot().await;
    let aged = load.run(seconds).await;
    load.shutdown().await;
    eprintln!("jobs a second, each tenth: {:.0?}", aged.tenths());
    let half = json!({ "at_least": free.rate() / 2.0 });
    let long = format!("the same with a transaction held open for {} s", seconds.as_secs());
    let mut all = figure(&format!("{long}, {} jobs", aged.jobs()), aged.rate(), half.clone());
    all["beside"] = json!({ "name": "without", "value": free.rate() });
    figures.extend([all, figure("the last fifth of that time", aged.last_fifth(), half)]);
    if let Some(raw) = raw::Raw::on(&store, 200_000) {
        eprintln!("pgbench with the same transaction …");
        let rate = raw.rate(8, seconds.min(MINUTE));
        let name = "pgbench, 8 clients, the same transaction held open, for a minute at most";
        figures.push(figure(name, rate, Value::Null));
    }
    drop(snapshot);
}

/// Jobs that were given up stay for somebody to look at; claims see none of them.
async fn with_dead_letters(kind: Kind, dead: u64, figures: &mut Vec<Value>) {
    eprintln!("{dead} dead letters …");
    let store = Store::fresh(kind).await;
    let load = Load::on(&store).await;
    load.enqueue(JOBS).await;
    let without = load.drain(JOBS).await;
    store.bury(dead).await;
    load.enqueue(JOBS).await;
    let with = load.drain(JOBS).await;
    load.shutdown().await;
    let name = format!("claim + complete with {dead} dead letters kept");
    let mut kept = figure(&name, with, json!({ "at_least": without / 2.0 }));
    kept["beside"] = json!({ "name": "without", "value": without });
    figures.push(kept);
}
