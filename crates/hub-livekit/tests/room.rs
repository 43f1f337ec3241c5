//! A participant in a room of a real server, beside one of Python's package.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod network;
mod support;

#[path = "room/bad.rs"]
mod bad;
#[path = "room/calls.rs"]
mod calls;
#[path = "room/data.rs"]
mod data;
#[path = "room/others.rs"]
mod others;
#[path = "room/sound.rs"]
mod sound;
#[path = "room/staying.rs"]
mod staying;
#[path = "room/streams.rs"]
mod streams;

use hub_livekit::{Room, RoomEvent, RoomEvents, RoomOptions};
use std::time::Duration;
use support::Live;

const SOON: Duration = Duration::from_secs(20);

async fn join(live: &Live, room: &str, identity: &str) -> (Room, RoomEvents) {
    let token = live.token(room, identity);
    Room::connect(&live.url, &token, RoomOptions::new().unwrap()).await.unwrap()
}

/// Until what others send arrives.
async fn connected(events: &mut RoomEvents) {
    event(events, "both ways", |event| matches!(event, RoomEvent::Connected).then_some(())).await;
}

/// The first event that fits; the others before it are passed over.
async fn event<T>(events: &mut RoomEvents, what: &str, mut fits: impl FnMut(RoomEvent) -> Option<T>) -> T {
    let waiting = async {
        loop {
            let event = events.next().await.unwrap_or_else(|| panic!("the room ended before {what}"));
            if let Some(found) = fits(event) {
                return found;
            }
        }
    };
    tokio::time::timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("not in {SOON:?}: {what}"))
}

/// A tone of 440 Hz at 48 kHz, from that sample on.
fn tone(from: u64, samples: u64) -> Vec<i16> {
    let wave = |at: u64| (std::f64::consts::TAU * 440.0 * at as f64 / 48_000.0).sin();
    (from..from + samples).map(|at| (8_000.0 * wave(at)) as i16).collect()
}
