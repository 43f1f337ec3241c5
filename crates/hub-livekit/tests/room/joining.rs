//! How the tests of a room join it, and wait for what happens there.

use crate::support::Live;
use hub_livekit::{Room, RoomEvent, RoomEvents, RoomOptions};
use std::time::Duration;

pub(crate) const SOON: Duration = Duration::from_secs(20);

/// As this target joins: with one peer connection, or with two.
pub(crate) fn options() -> RoomOptions {
    let mut options = RoomOptions::new().unwrap();
    options.one_connection = crate::ONE_CONNECTION;
    options
}

pub(crate) async fn join(live: &Live, room: &str, identity: &str) -> (Room, RoomEvents) {
    let token = live.token(room, identity);
    Room::connect(&live.url, &token, options()).await.unwrap()
}

/// Until what others send arrives.
pub(crate) async fn connected(events: &mut RoomEvents) {
    event(events, "both ways", |event| matches!(event, RoomEvent::Connected).then_some(())).await;
}

/// The first event that fits; the others before it are passed over.
pub(crate) async fn event<T>(
    events: &mut RoomEvents,
    what: &str,
    mut fits: impl FnMut(RoomEvent) -> Option<T>,
) -> T {
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
pub(crate) fn tone(from: u64, samples: u64) -> Vec<i16> {
    let wave = |at: u64| (std::f64::consts::TAU * 440.0 * at as f64 / 48_000.0).sin();
    (from..from + samples).map(|at| (8_000.0 * wave(at)) as i16).collect()
}
