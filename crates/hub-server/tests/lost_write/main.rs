//! The lost write: random requests from several clients while everything goes wrong, held against a
//! model of what must be there.
//!
//! What it does, and what a seed repeats, stands in `docs/FAULTS.md`. Variables, for longer runs:
//! `HUB_LOST_WRITE_SEED`, `HUB_LOST_WRITE_SECONDS` of one run (15), `HUB_LOST_WRITE_MINUTES` for runs
//! with one seed after the other, `HUB_LOST_WRITE_HUBS` on one PostgreSQL (2), `HUB_LOST_WRITE_FAULTS=kills`.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a step of a test that fails ends it"
)]

mod checks;
mod client;
mod deeds;
mod dump;
mod effects;
mod events;
mod faults;
mod hub;
mod hubs;
mod people;
mod postgres;
mod proxy;
mod run;
mod seeded;
mod shared;
mod tools;

use postgres::Postgres;
use run::{Plan, Run};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Seconds of one run.
const SECONDS: u64 = 15;
/// Hubs on one PostgreSQL. SQLite has one: its folder belongs to one process.
const HUBS: u64 = 2;
/// The seed of the runs that repeat.
const SEED: u64 = 1;

/// Runs share two cores, and find more alone.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[test]
fn nothing_is_lost_on_sqlite() {
    several("nothing_is_lost_on_sqlite", false, Some(SEED));
}

#[test]
fn nothing_is_lost_on_sqlite_by_a_new_seed() {
    several("nothing_is_lost_on_sqlite_by_a_new_seed", false, None);
}

#[test]
fn nothing_is_lost_on_postgresql() {
    several("nothing_is_lost_on_postgresql", true, Some(SEED));
}

#[test]
fn nothing_is_lost_on_postgresql_by_a_new_seed() {
    several("nothing_is_lost_on_postgresql_by_a_new_seed", true, None);
}

fn setting(name: &str) -> Option<u64> {
    Some(std::env::var(format!("HUB_LOST_WRITE_{name}")).ok()?.parse().unwrap())
}

/// One run, or as many as fit into the minutes that were asked for.
fn several(test: &'static str, postgres: bool, seed: Option<u64>) {
    if let Some(which) = hub::asked_for() {
        return hub::serve_until_killed(which);
    }
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let fresh = || shared::machine_now().unsigned_abs() % 1_000_000_000;
    let mut plan = Plan {
        test,
        seed: setting("SEED").or(seed).unwrap_or_else(fresh),
        time: Duration::from_secs(setting("SECONDS").unwrap_or(SECONDS)),
        postgres,
        hubs: if postgres { usize::try_from(setting("HUBS").unwrap_or(HUBS)).unwrap() } else { 1 },
        only_kills: std::env::var("HUB_LOST_WRITE_FAULTS").is_ok_and(|faults| faults == "kills"),
    };
    let until = Instant::now() + Duration::from_secs(60 * setting("MINUTES").unwrap_or(0));
    loop {
        one(&plan);
        plan.seed += 1;
        if Instant::now() >= until {
            return;
        }
    }
}

fn one(plan: &Plan) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let postgres = match plan.postgres {
            true => match Postgres::start() {
                Some(postgres) => Some(postgres),
                None => return,
            },
            false => None,
        };
        println!("{plan:?}");
        let mut run = Run::start(plan.clone(), folder.path().to_path_buf(), postgres).await;
        let held = run.finish().await;
        println!(
            "seed {}\n{}, answers cut {}",
            plan.seed,
            run.shared.counts.lock().unwrap(),
            run.answers_cut()
        );
        if let Err(violation) = held {
            let logs = run.logs();
            let kept = folder.keep();
            panic!(
                "seed {}: \"{}\" does not hold: {}\nthe hubs' last words:\n{logs}\nkept in {}",
                plan.seed,
                violation.rule,
                violation.told,
                kept.display()
            );
        }
    });
}
