//! The same over each way: sound and messages both ways, beside a participant of Python's package.

use super::{Passing, SOON, event, join, options, relayed, turn, ways};
use crate::network::Relay;
use crate::support::own::Own;
use crate::support::peer::Peer;
use crate::support::{Live, live, purity, unique};
use hub_livekit::room::{Message, PublishOptions, PublishedTrack, RelayTransport, Reliability, Route};
use hub_livekit::{Room, RoomEvent, RoomEvents, RoomOptions};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A tone of 440 Hz at 48 kHz, from that sample on.
fn tone(from: u64, samples: u64) -> Vec<i16> {
    let wave = |at: u64| (std::f64::consts::TAU * 440.0 * at as f64 / 48_000.0).sin();
    (from..from + samples).map(|at| (8_000.0 * wave(at)) as i16).collect()
}

pub(super) async fn speak(room: &Room) -> tokio::task::JoinHandle<()> {
    let track: Arc<PublishedTrack> =
        Arc::new(room.publish(PublishOptions::new("tone", 48_000, 1).unwrap()).await.unwrap());
    tokio::spawn(async move {
        let mut pushed = 0;
        loop {
            while track.position().queued < 9_600 {
                track.push(&tone(pushed, 960)).unwrap();
                pushed += 960;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
}

pub(super) fn is_our_tone(heard: &serde_json::Value) -> bool {
    heard["frequency"].as_f64().is_some_and(|frequency| (frequency - 440.0).abs() < 2.0)
}

/// Both hear each other, and read each other's messages.
pub(super) async fn converse(peer: &Peer, room: &Room, events: &mut RoomEvents) {
    let speaking = speak(room).await;
    peer.order("publish", json!({ "frequency": 660 })).await;
    let mut audio = event(events, "the sound of the peer", |event| match event {
        RoomEvent::TrackSubscribed { audio, .. } => Some(audio),
        _ => None,
    })
    .await;
    let heard = peer.hear("rust", 1.0).await;
    assert!(is_our_tone(&heard) && heard["purity"].as_f64().unwrap() > 0.9, "{heard}");
    let hearing = async {
        // The first half second is one of beginnings.
        let mut samples = Vec::new();
        while samples.len() < 72_000 {
            samples.extend(audio.next().await.unwrap().samples);
        }
        samples
    };
    let samples = tokio::time::timeout(SOON, hearing).await.expect("its sound");
    let best = samples[24_000..].chunks_exact(4_800).map(|part| purity(part, 660.0)).fold(0.0, f64::max);
    assert!(best > 0.9, "660 Hz is not heard: {best}");

    for reliability in [Reliability::Reliable, Reliability::Lossy] {
        let sent = Message { topic: format!("{reliability:?}"), payload: b"hello".to_vec() };
        room.send(sent, reliability, &[]).await.unwrap();
        let topic = format!("{reliability:?}");
        peer.event("data", SOON, |told| told["topic"] == topic).await;
    }
    peer.order("data", json!({ "data": "aGVsbG8=", "topic": "back" })).await;
    let came = event(events, "a message of the peer", |event| match event {
        RoomEvent::Data { message, .. } => Some(message),
        _ => None,
    });
    assert_eq!(came.await.payload, b"hello");
    speaking.abort();
}

/// The suite, over what the relay lets pass. Signalling goes through it too.
async fn suite(live: &Live, relay: &Relay, options: RoomOptions, expected: Route) {
    let Some(peer) = Peer::python() else { return };
    let name = unique("ways");
    peer.join(live, &live.url, &name, "python").await;
    let began = Instant::now();
    let (room, mut events) = join(live, relay, &name, options).await;
    let found = ways(&mut events).await;
    println!("{expected:?}: both ways after {:?}", began.elapsed());
    assert_eq!(found, (expected, expected));
    converse(&peer, &room, &mut events).await;
    room.leave().await;
}

#[tokio::test]
async fn over_udp_and_nothing_else_is_begun() {
    let Some(live) = live() else { return };
    let relay = Relay::start(&live.url, 1).await;
    // Neither is of use; neither is waited for.
    let nowhere = ["turn:no-such-host.invalid:3478".to_owned(), "turns:127.0.0.1:9?transport=tcp".to_owned()];
    relay.pass(Passing { tcp: true, ..turn(&nowhere) });
    suite(&live, &relay, options(), Route::Udp).await;
    // A machine that is busy takes longer now and then than a network would.
    for _ in 0..3 {
        let (began, before) = (Instant::now(), relay.streams());
        let (room, mut events) = join(&live, &relay, &unique("ways"), options()).await;
        assert_eq!(ways(&mut events).await, (Route::Udp, Route::Udp));
        println!("both ways after {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_secs(1)).await;
        room.leave().await;
        if relay.streams() == before {
            return;
        }
    }
    panic!("a connection over TCP was begun each time");
}

#[tokio::test]
async fn over_tcp_where_udp_is_swallowed() {
    let Some(live) = super::falling::with_tcp() else { return };
    let relay = Relay::start(&live.url, 2).await;
    relay.pass(Passing { tcp: true, ..Passing::default() });
    relay.set_dead(true);
    suite(&live, &relay, options(), Route::Tcp).await;
}

#[tokio::test]
async fn over_a_relay_by_udp() {
    let Some(live) = live() else { return };
    // As the server itself names it, and without a relay of the tests between.
    let name = unique("ways");
    let (room, mut events) = Room::connect(&live.url, &live.token(&name, "rust"), relayed()).await.unwrap();
    let expected = Route::Relay(RelayTransport::Udp);
    assert_eq!(ways(&mut events).await, (expected, expected));
    let Some(peer) = Peer::python() else { return };
    peer.join(&live, &live.url, &name, "python").await;
    converse(&peer, &room, &mut events).await;
    room.leave().await;
}

#[tokio::test]
async fn over_a_relay_by_tcp() {
    let Some(own) = Own::relaying(false).await else { return };
    let relay = Relay::start(&own.live.url, 3).await;
    relay.pass(turn(&[format!("turn:127.0.0.1:{}?transport=tcp", own.turn().stream)]));
    suite(&own.live, &relay, relayed(), Route::Relay(RelayTransport::Tcp)).await;
}

#[tokio::test]
async fn over_a_relay_by_tls() {
    let Some(own) = Own::relaying(true).await else { return };
    let relay = Relay::start(&own.live.url, 4).await;
    relay.pass(turn(&[format!("turns:localhost:{}?transport=tcp", own.turn().stream)]));
    suite(&own.live, &relay, relayed(), Route::Relay(RelayTransport::Tls)).await;
}

/// The same way carries both directions, and no more is told of it than that.
#[tokio::test]
async fn one_connection_goes_by_every_way_too() {
    let Some(live) = super::falling::with_tcp() else { return };
    let relay = Relay::start(&live.url, 20).await;
    relay.pass(Passing { tcp: true, ..Passing::default() });
    relay.set_dead(true);
    for (url, options, expected) in [
        (relay.url(), options(), Route::Tcp),
        (live.url.as_str(), relayed(), Route::Relay(RelayTransport::Udp)),
    ] {
        let name = unique("one-way");
        let began = Instant::now();
        let options = RoomOptions { one_connection: true, ..options };
        let (room, mut events) = Room::connect(url, &live.token(&name, "rust"), options).await.unwrap();
        let found = event(&mut events, "a way", |event| match event {
            RoomEvent::Route { sending: true, route } => Some(route),
            _ => None,
        })
        .await;
        println!("one connection, {found:?}, after {:?}", began.elapsed());
        assert_eq!(found, expected);
        let Some(peer) = Peer::python() else { return };
        peer.join(&live, &live.url, &name, "python").await;
        converse(&peer, &room, &mut events).await;
        room.leave().await;
    }
}
