//! A participant in a room of a real server, beside one of Python's package.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod support;

#[path = "room/bad.rs"]
mod bad;
#[path = "room/data.rs"]
mod data;
#[path = "room/sound.rs"]
mod sound;

use hub_livekit::{Room, RoomEvent, RoomEvents, RoomOptions};
use std::time::Duration;
use support::Live;

const SOON: Duration = Duration::from_secs(20);

async fn join(live: &Live, room: &str, identity: &str) -> (Room, RoomEvents) {
    let token = live.token(room, identity);
    Room::connect(&live.url, &token, RoomOptions::new().unwrap()).await.unwrap()
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
