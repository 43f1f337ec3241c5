//! Other servers, other addresses of one server, and other addresses of ours.

use super::staying::speaking;
use super::{SOON, event, options, tone};
use crate::support::own::Own;
use crate::support::peer::Peer;
use crate::support::{Live, namespace, unique, until};
use hub_livekit::room::{PublishOptions, Regions};
use hub_livekit::{Room, RoomEvent, RoomEvents};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// What knocks there is let in and never answered.
async fn mute() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Joins by a name that nobody resolves, so that nothing but these addresses leads there.
async fn join_at(live: &Live, room: &str, addresses: &[SocketAddr]) -> (Room, RoomEvents) {
    let mut options = options();
    options.addresses = addresses.to_vec();
    let token = live.token(room, "rust");
    Room::connect("ws://rooms.invalid:7880", &token, options).await.unwrap()
}

async fn is_there(live: &Live, room: &str, identity: &str) -> bool {
    let there = live.server().rooms().participants(room).await.unwrap_or_default();
    there.iter().any(|other| other.identity == identity)
}

/// From the first loss until the room stands again.
async fn back(events: &mut RoomEvents) -> Duration {
    event(events, "the loss", |event| matches!(event, RoomEvent::Reconnecting).then_some(())).await;
    let lost = Instant::now();
    event(events, "the way back", |event| match event {
        RoomEvent::Reconnected => Some(()),
        RoomEvent::Closed(cause) => panic!("{cause:?}"),
        _ => None,
    })
    .await;
    lost.elapsed()
}

#[tokio::test]
async fn of_two_addresses_the_one_that_lives_is_taken() {
    let Some(own) = Own::start().await else { return };
    let name = unique("elsewhere");
    let (_listening, silent) = mute().await;
    let (closing, closed) = mute().await;
    drop(closing);
    for (what, dead, within) in [("refuses", closed, 2), ("says nothing", silent, 5)] {
        let began = Instant::now();
        let (room, _events) = join_at(&own.live, &name, &[dead, own.address()]).await;
        println!("one of two addresses {what}: joined after {:?}", began.elapsed());
        assert!(began.elapsed() < Duration::from_secs(within), "{:?}", began.elapsed());
        assert!(is_there(&own.live, &name, "rust").await);
        room.leave().await;
    }
}

#[tokio::test]
async fn when_one_of_two_servers_dies_the_room_goes_on_at_the_other() {
    let Some(first) = Own::start().await else { return };
    let second = first.twin().await;
    let name = unique("elsewhere");
    let (room, mut events) = join_at(&first.live, &name, &[first.address(), second.address()]).await;
    let track = room.publish(PublishOptions::new("tone", 48_000, 1).unwrap()).await.unwrap();
    let sid = track.sid();
    // The second is taken where the first lets it wait, as on a busy machine.
    let at_first = is_there(&first.live, &name, "rust").await;
    let (mut taken, other) = if at_first { (first, second) } else { (second, first) };
    assert!(is_there(&taken.live, &name, "rust").await && !is_there(&other.live, &name, "rust").await);
    taken.stop().await;
    println!("one of two servers died: back after {:?}", back(&mut events).await);
    assert!(is_there(&other.live, &name, "rust").await);
    assert_ne!(track.sid(), sid);
    heard_at(&other.live, &name, &track).await;
    room.leave().await;
}

/// Somebody who joins there hears the tone.
async fn heard_at(live: &Live, name: &str, track: &hub_livekit::room::PublishedTrack) {
    let token = live.token(name, "listener");
    let (listener, mut events) = Room::connect(&live.url, &token, options()).await.unwrap();
    track.push(&tone(0, 96_000)).unwrap();
    let mut audio = event(&mut events, "its sound", |event| match event {
        RoomEvent::TrackSubscribed { audio, .. } => Some(audio),
        _ => None,
    })
    .await;
    let hearing = async {
        while let Some(frame) = audio.next().await {
            if frame.samples.iter().any(|sample| sample.unsigned_abs() > 4_000) {
                return;
            }
        }
        panic!("the sound ended");
    };
    tokio::time::timeout(SOON, hearing).await.expect("loud sound");
    listener.leave().await;
}

/// A server of nothing but the list of regions; everything else is refused.
async fn listing(regions: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 65_536];
            let length = stream.read(&mut request).await.unwrap_or(0);
            let asked = String::from_utf8_lossy(&request[..length]).into_owned();
            let allowed = asked.to_ascii_lowercase().contains("authorization: bearer ey");
            let (status, body) = if asked.starts_with("GET /settings/regions ") && allowed {
                ("200 OK", regions.as_str())
            } else {
                ("503 Service Unavailable", "")
            };
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(head.as_bytes()).await;
        }
    });
    url
}

async fn join_by_regions(
    live: &Live,
    url: &str,
    room: &str,
    regions: Regions,
) -> hub_livekit::Result<(Room, RoomEvents)> {
    let mut options = options();
    options.regions = regions;
    Room::connect(url, &live.token(room, "rust"), options).await
}

#[tokio::test]
async fn the_nearest_region_that_lives_is_joined_and_left_when_it_dies() {
    let Some(mut near) = Own::start().await else { return };
    let far = near.twin().await;
    let (closing, closed) = mute().await;
    drop(closing);
    let region = |url: &str, distance: &str| serde_json::json!({ "url": url, "distance": distance });
    let listed = serde_json::json!({ "regions": [
        region(&far.live.url, "9000"),
        region(&near.live.url, "200"),
        region(&format!("ws://{closed}"), "10"),
    ] });
    let url = listing(listed.to_string()).await;
    let name = unique("elsewhere");
    // Nobody asked for regions, and the host is none of the cloud.
    let refused = join_by_regions(&near.live, &url, &name, Regions::Cloud).await.err();
    assert!(matches!(refused, Some(hub_livekit::Error::Connect(_))), "{refused:?}");
    let began = Instant::now();
    let (room, mut events) = join_by_regions(&near.live, &url, &name, Regions::Ask).await.unwrap();
    println!("the second nearest region joined after {:?}", began.elapsed());
    assert!(is_there(&near.live, &name, "rust").await && !is_there(&far.live, &name, "rust").await);
    near.stop().await;
    let took = back(&mut events).await;
    println!("the region died: back in another after {took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(is_there(&far.live, &name, "rust").await);
    room.leave().await;
}

/// This host reaches the server from one address, and then, that being gone, from another.
#[tokio::test]
async fn another_address_of_this_host_is_found_and_hardly_heard() {
    let Some(()) = namespace::of_our_own() else { return };
    // Each target has addresses of its own: the tests of two may run at the same time.
    let host = namespace::Host::new(if crate::ONE_CONNECTION { "10.77.1" } else { "10.77.0" }).await;
    let Some(own) = Own::start_at(&host.server()).await else { return };
    let Some(peer) = Peer::python() else { return };
    let name = unique("elsewhere");
    peer.join(&own.live, &own.live.url, &name, "python").await;
    let url = format!("ws://{}:{}", host.server(), own.address().port());
    let (room, mut events) = Room::connect(&url, &own.live.token(&name, "rust"), options()).await.unwrap();
    let (_track, speaking) = speaking(&room).await;
    let stay = room.local().sid;
    let heard = peer.hear("rust", 1.0).await;
    assert!((heard["frequency"].as_f64().unwrap() - 440.0).abs() < 2.0, "{heard}");
    let moving = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        host.moves().await;
        back(&mut events).await
    };
    let (took, heard) = tokio::join!(moving, peer.hear("rust", 6.0));
    println!("the address changed: back after {took:?}; heard {heard}");
    assert!(heard["longest_gap_ms"].as_u64().unwrap() < 3_000, "{heard}");
    assert_eq!(room.local().sid, stay);
    until("the peer hears it as before", SOON, async || {
        let heard = peer.hear("rust", 0.5).await;
        (heard["longest_gap_ms"] == 0).then_some(())
    })
    .await;
    speaking.abort();
    room.leave().await;
}
