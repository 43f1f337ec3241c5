//! Servers that are none, lie, or are of another time: nobody needs a real one here.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "servers/joining.rs"]
mod joining;
#[path = "servers/script.rs"]
mod script;
#[path = "servers/standing.rs"]
mod standing;

use hub_livekit::room::Closed;
use hub_livekit::{Room, RoomEvent, RoomEvents, RoomOptions};
use script::Script;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

async fn join(script: &Script) -> (Room, RoomEvents) {
    Room::connect(&script.url, "token", RoomOptions::new().unwrap()).await.unwrap()
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

async fn end(events: &mut RoomEvents) -> Closed {
    event(events, "the end", |event| match event {
        RoomEvent::Closed(cause) => Some(cause),
        _ => None,
    })
    .await
}
