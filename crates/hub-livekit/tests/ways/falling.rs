//! One way ends, and another is found.

use super::conformance::{converse, is_our_tone, speak};
use super::{Passing, SOON, event, join, options, relayed, turn, ways};
use crate::network::Relay;
use crate::support::own::{Own, RELAYED};
use crate::support::peer::Peer;
use crate::support::{Live, given, live, unique, until};
use hub_livekit::RoomEvent;
use hub_livekit::room::{RelayTransport, Route};
use serde_json::json;
use std::time::{Duration, Instant};

/// A server that offers ICE over TCP: that of a namespace of its own.
pub(super) fn with_tcp() -> Option<Live> {
    given("HUB_TEST_LIVEKIT_TCP")?;
    live()
}

/// The peer hears our tone again.
async fn heard_again(peer: &Peer) {
    until("the peer hears it again", SOON, async || {
        let heard = peer.try_order("hear", json!({ "identity": "rust", "seconds": 0.5 })).await;
        (is_our_tone(&heard) && heard["longest_gap_ms"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_connection_over_tcp_that_is_cut_is_made_again() {
    let Some(live) = with_tcp() else { return };
    let Some(peer) = Peer::python() else { return };
    let (name, relay) = (unique("falling"), Relay::start(&live.url, 5).await);
    relay.pass(Passing { tcp: true, ..Passing::default() });
    relay.set_dead(true);
    peer.join(&live, &live.url, &name, "python").await;
    let (room, mut events) = join(&live, &relay, &name, options()).await;
    assert_eq!(ways(&mut events).await, (Route::Tcp, Route::Tcp));
    let speaking = speak(&room).await;
    assert!(is_our_tone(&peer.hear("rust", 1.0).await));
    let (stay, before) = (room.local().sid, relay.streams());
    relay.tear();
    let torn = Instant::now();
    event(&mut events, "the loss", |event| matches!(event, RoomEvent::Reconnecting).then_some(())).await;
    let noticed = torn.elapsed();
    event(&mut events, "the way back", |event| matches!(event, RoomEvent::Reconnected).then_some(())).await;
    println!("TCP cut: noticed after {noticed:?}, back after {:?}", torn.elapsed());
    assert!(noticed < Duration::from_secs(1) && torn.elapsed() < Duration::from_secs(6));
    heard_again(&peer).await;
    println!("heard again after {:?}", torn.elapsed());
    assert!(relay.streams() > before);
    assert_eq!(room.local().sid, stay, "the same stay");
    speaking.abort();
    room.leave().await;
}

#[tokio::test]
async fn udp_that_dies_on_the_way_is_followed_by_tcp() {
    let Some(live) = with_tcp() else { return };
    let Some(peer) = Peer::python() else { return };
    let (name, relay) = (unique("falling"), Relay::start(&live.url, 6).await);
    relay.pass(Passing { tcp: true, ..Passing::default() });
    peer.join(&live, &live.url, &name, "python").await;
    // What is received is answered with reports, by which its way is known.
    peer.order("publish", json!({ "frequency": 660 })).await;
    let (room, mut events) = join(&live, &relay, &name, options()).await;
    assert_eq!(ways(&mut events).await, (Route::Udp, Route::Udp));
    let speaking = speak(&room).await;
    assert!(is_our_tone(&peer.hear("rust", 1.0).await));
    relay.set_dead(true);
    let dead = Instant::now();
    assert_eq!(ways(&mut events).await, (Route::Tcp, Route::Tcp));
    println!("UDP dead for good: back by TCP after {:?}", dead.elapsed());
    heard_again(&peer).await;
    println!("heard again after {:?}", dead.elapsed());
    speaking.abort();
    room.leave().await;
}

#[tokio::test]
async fn a_relay_is_found_where_nothing_else_is_left() {
    let Some(own) = Own::relaying(false).await else { return };
    let Some(peer) = Peer::python() else { return };
    let (live, name) = (own.live.clone(), unique("falling"));
    let relay = Relay::start(&live.url, 7).await;
    // A server that cannot be resolved and one that is not there stand before the one that is.
    relay.pass(turn(&[
        "turn:no-such-host.invalid:3478".to_owned(),
        "turns:localhost:9?transport=tcp".to_owned(),
        format!("turn:127.0.0.1:{}?transport=udp", own.turn().udp),
    ]));
    relay.only_from(RELAYED);
    peer.join(&live, &live.url, &name, "python").await;
    let began = Instant::now();
    let (room, mut events) = join(&live, &relay, &name, options()).await;
    let expected = Route::Relay(RelayTransport::Udp);
    assert_eq!(ways(&mut events).await, (expected, expected));
    println!("by a relay, after UDP came to nothing: {:?}", began.elapsed());
    converse(&peer, &room, &mut events).await;
    room.leave().await;
}

#[tokio::test]
async fn a_relay_that_ends_is_asked_again_and_nothing_outlives_the_room() {
    let Some(mut own) = Own::relaying(false).await else { return };
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let (live, name) = (own.live.clone(), unique("falling"));
    let relay = Relay::start(&live.url, 8).await;
    relay.pass(turn(&[format!("turn:127.0.0.1:{}?transport=tcp", own.turn().stream)]));
    let (room, mut events) = join(&live, &relay, &name, relayed()).await;
    let expected = Route::Relay(RelayTransport::Tcp);
    assert_eq!(ways(&mut events).await, (expected, expected));
    own.stop().await;
    event(&mut events, "the loss", |event| matches!(event, RoomEvent::Reconnecting).then_some(())).await;
    own.again().await;
    let started = Instant::now();
    event(&mut events, "the way back", |event| matches!(event, RoomEvent::Reconnected).then_some(())).await;
    println!("server with its relay restarted: back {:?} after its start", started.elapsed());
    let (relayed_before, before) = (relay.url().to_owned(), tasks());
    room.leave().await;
    drop((events, relay, relayed_before));
    assert!(before > 0);
    until("every task ends", SOON, async || (tasks() == 0).then_some(())).await;
}
