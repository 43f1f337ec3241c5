//! The relay itself, between two participants of Python's package: what it promises to other tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod network;
mod support;

use network::{Faults, Relay};
use serde_json::json;
use std::time::Duration;
use support::peer::Peer;
use support::{live, unique, until};

const SOON: Duration = Duration::from_secs(15);

#[tokio::test]
async fn sound_goes_through_faults_are_felt_and_outages_end() {
    let Some(live) = live() else { return };
    let (Some(speaker), Some(listener)) = (Peer::python(), Peer::python()) else { return };
    let room = unique("relay");
    let relay = Relay::start(&live.url, 1).await;
    listener.join(&live, &live.url, &room, "listener").await;
    speaker.join(&live, relay.url(), &room, "speaker").await;
    speaker.order("publish", json!({ "frequency": 440, "red": false })).await;
    let clean = listener.hear("speaker", 2.0).await;
    println!("clean: {clean}");
    assert!((clean["frequency"].as_f64().unwrap() - 440.0).abs() < 2.0, "{clean}");
    let (up, down) = relay.counts();
    assert!(up.received > 100 && down.received > 10, "media does not pass the relay: {up:?} {down:?}");
    assert!(up.lost == 0 && down.lost == 0);

    let jitter = Duration::from_millis(40);
    relay.set(Faults { loss: 0.3, duplicate: 0.1, jitter, ..Faults::default() }, Faults::default());
    let bad = listener.hear("speaker", 3.0).await;
    println!("a third lost: {bad}");
    let (lossy, _) = relay.counts();
    let share = (lossy.lost - up.lost) as f64 / (lossy.received - up.received) as f64;
    assert!((0.2..0.4).contains(&share), "{share}");
    assert!(lossy.duplicated > 0 && bad["purity"].as_f64().unwrap() < 0.995, "{bad}");

    relay.set(Faults::default(), Faults::default());
    relay.set_dead(true);
    let quiet = listener.hear("speaker", 2.0).await;
    println!("dead: {quiet}");
    assert!(quiet["longest_gap_ms"].as_f64().is_none_or(|gap| gap > 500.0), "{quiet}");
    relay.set_dead(false);
    until("the sound is back", SOON, async || {
        let again = listener.hear("speaker", 1.0).await;
        (again["frequency"].as_f64().is_some_and(|heard| (heard - 440.0).abs() < 2.0)
            && again["longest_gap_ms"] == 0)
            .then_some(())
    })
    .await;

    relay.cut();
    speaker.event("reconnecting", SOON, |_| true).await;
    speaker.event("reconnected", SOON, |_| true).await;
}

#[tokio::test]
async fn the_server_has_no_other_way_to_the_participant() {
    let Some(live) = live() else { return };
    let (Some(speaker), Some(listener)) = (Peer::python(), Peer::python()) else { return };
    let room = unique("detour");
    let relay = Relay::start(&live.url, 2).await;
    relay.set_dead(true);
    speaker.join(&live, &live.url, &room, "speaker").await;
    speaker.order("publish", json!({ "frequency": 440 })).await;
    // It would go on trying for longer than a test likes to wait.
    let order = json!({ "url": relay.url(), "token": live.token(&room, "listener") });
    let joined = tokio::time::timeout(Duration::from_secs(8), listener.try_order("join", order)).await;
    assert!(joined.is_err(), "{joined:?}");
    let refused = relay.counts();
    assert!(refused.0.lost > 0 && refused.0.lost == refused.0.received, "{refused:?}");
}

#[tokio::test]
async fn a_refusal_of_the_server_passes_and_a_closed_relay_takes_nobody() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let relay = Relay::start(&live.url, 3).await;
    let refused = peer.try_order("join", json!({ "url": relay.url(), "token": "none" })).await;
    assert!(refused["error"].as_str().is_some_and(|error| error.contains("401")), "{refused}");
    relay.set_closed(true);
    let token = live.token(&unique("closed"), "peer");
    let refused = peer.try_order("join", json!({ "url": relay.url(), "token": token })).await;
    assert!(refused["error"].as_str().is_some_and(|error| !error.contains("401")), "{refused}");
}
