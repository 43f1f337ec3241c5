//! Rooms of the real server over every way that media can take: UDP, TCP, and relays over UDP, TCP and TLS.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod network;
mod support;

#[path = "ways/bad.rs"]
mod bad;
#[path = "ways/conformance.rs"]
mod conformance;
#[path = "ways/falling.rs"]
mod falling;

use hub_livekit::net::Tls;
use hub_livekit::room::{IceTransportPolicy, Route};
use hub_livekit::{Room, RoomEvent, RoomEvents, RoomOptions};
use network::{Passing, Relay};
use std::time::{Duration, Instant};
use support::Live;

const SOON: Duration = Duration::from_secs(20);
const ROOT: &str = include_str!("certificates/root.pem");

fn options() -> RoomOptions {
    support::log();
    let mut options = RoomOptions::new().unwrap();
    options.tls = Tls::with_roots(ROOT).unwrap();
    options
}

fn relayed() -> RoomOptions {
    let mut options = options();
    options.ice_transport_policy = IceTransportPolicy::Relay;
    options
}

fn turn(urls: &[String]) -> Passing {
    Passing { turn: urls.to_vec(), ..Passing::default() }
}

async fn join(live: &Live, relay: &Relay, room: &str, options: RoomOptions) -> (Room, RoomEvents) {
    Room::connect(relay.url(), &live.token(room, "rust"), options).await.unwrap()
}

/// The first event that fits; the others before it are passed over.
async fn event<T>(events: &mut RoomEvents, what: &str, mut fits: impl FnMut(RoomEvent) -> Option<T>) -> T {
    let waiting = async {
        loop {
            let event = events.next().await.unwrap_or_else(|| panic!("the room ended before {what}"));
            if let RoomEvent::Closed(cause) = &event {
                panic!("the room ended before {what}: {cause:?}");
            }
            if let Some(found) = fits(event) {
                return found;
            }
        }
    };
    tokio::time::timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("not in {SOON:?}: {what}"))
}

/// The ways of both directions, sent and received, once they are open.
async fn ways(events: &mut RoomEvents) -> (Route, Route) {
    let (mut sent, mut received, mut connected) = (None, None, false);
    let began = Instant::now();
    event(events, "both ways", |event| {
        match &event {
            RoomEvent::Route { .. } | RoomEvent::RelayFailed { .. } => {}
            RoomEvent::Connected | RoomEvent::Reconnecting | RoomEvent::Reconnected => {}
            _ => return None,
        }
        println!("{:?}: {event:?}", began.elapsed());
        match event {
            RoomEvent::Route { sending: true, route } => sent = Some(route),
            RoomEvent::Route { sending: false, route } => received = Some(route),
            RoomEvent::Connected | RoomEvent::Reconnected => connected = true,
            _ => {}
        }
        if connected { sent.zip(received) } else { None }
    })
    .await
}
