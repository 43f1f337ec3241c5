//! The table of faults: what breaks, what a listener hears of it, and for how long; printed from a real run.
//! `cargo xtask services livekit -- cargo test --package hub-livekit --test faults -- --nocapture`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod network;
mod support;

#[path = "faults/ear.rs"]
mod ear;
#[path = "../examples/echoing/mod.rs"]
mod echoing;
#[path = "faults/network.rs"]
mod of_network;
#[path = "faults/others.rs"]
mod of_others;
#[path = "faults/worker.rs"]
mod of_worker;

use hub_livekit::{RoomEvent, RoomEvents};
use std::time::{Duration, Instant};
use support::live;

const SOON: Duration = Duration::from_secs(45);

/// A fault, what this participant did, and what was heard.
struct Row {
    fault: &'static str,
    done: String,
    heard: String,
}

/// Each in turn, so that none is felt by another; what mostly waits runs beside.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_breaks_what_is_heard_of_it_and_for_how_long() {
    let Some(live) = live() else { return };
    let in_turn = async {
        vec![
            of_network::socket_cut(&live).await,
            of_network::media_dead(&live).await,
            of_network::server_restarted().await,
            of_network::address_changed().await,
            of_others::token_revoked().await,
            of_others::removed(&live).await,
        ]
    };
    let (mut rows, killed, worker) =
        tokio::join!(in_turn, of_others::peer_killed(&live), of_worker::killed_with_four_rooms(&live));
    rows.extend([killed, worker]);
    println!("\n| Fault | What follows | What is heard |\n|---|---|---|");
    for Row { fault, done, heard } in rows.into_iter().flatten() {
        println!("| {fault} | {done} | {heard} |");
    }
}

/// The first event that fits, and when it came.
async fn event<T>(
    events: &mut RoomEvents,
    what: &str,
    mut fits: impl FnMut(RoomEvent) -> Option<T>,
) -> (T, Instant) {
    let waiting = async {
        loop {
            let event = events.next().await.unwrap_or_else(|| panic!("the room ended before {what}"));
            if let Some(found) = fits(event) {
                return (found, Instant::now());
            }
        }
    };
    tokio::time::timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("not in {SOON:?}: {what}"))
}

/// When the loss was known, and when the room stood again.
async fn lost_and_back(events: &mut RoomEvents) -> (Instant, Instant) {
    let (_, lost) =
        event(events, "the loss", |event| matches!(event, RoomEvent::Reconnecting).then_some(())).await;
    let (_, back) = event(events, "the way back", |event| match event {
        RoomEvent::Reconnected => Some(()),
        RoomEvent::Closed(cause) => panic!("{cause:?}"),
        _ => None,
    })
    .await;
    (lost, back)
}

fn after(from: Instant, to: Instant) -> String {
    shown(to.saturating_duration_since(from))
}

fn shown(time: Duration) -> String {
    if time < Duration::from_secs(2) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}
