//! TURN servers that refuse, keep silent, or say something else: typed, soon, and without harm.

use super::{SOON, event, join, options, relayed, turn, ways};
use crate::network::{Passing, Relay};
use crate::support::own::Own;
use crate::support::{live, unique};
use hub_livekit::room::{PathError, Route};
use hub_livekit::{RoomEvent, RoomEvents, RoomOptions};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, UdpSocket};

async fn failure(events: &mut RoomEvents) -> (String, PathError) {
    event(events, "a relay that failed", |event| match event {
        RoomEvent::RelayFailed { url, cause } => Some((url, cause)),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn wrong_passwords_and_certificates_are_told_soon() {
    let Some(own) = Own::relaying(true).await else { return };
    let relay = Relay::start(&own.live.url, 9).await;
    let urls = |host: &str| turn(&[format!("turns:{host}:{}?transport=tcp", own.turn().stream)]);
    relay.pass(Passing { password: Some("wrong".to_owned()), ..urls("localhost") });
    let began = Instant::now();
    let (room, mut events) = join(&own.live, &relay, &unique("bad"), relayed()).await;
    let (url, cause) = failure(&mut events).await;
    println!("a wrong password: {url}: {cause}, after {:?}", began.elapsed());
    assert!(matches!(cause, PathError::Refused { code: 400 | 401, .. }), "{cause:?}");
    assert!(began.elapsed() < Duration::from_secs(3));
    room.leave().await;

    for (host, tls) in [("127.0.0.1", relayed().tls), ("localhost", RoomOptions::new().unwrap().tls)] {
        relay.pass(urls(host));
        let strange = RoomOptions { tls, ..relayed() };
        let (room, mut events) = join(&own.live, &relay, &unique("bad"), strange).await;
        let (_, cause) = failure(&mut events).await;
        println!("a wrong certificate: {cause}");
        assert!(matches!(cause, PathError::Tls(_)), "{cause:?}");
        room.leave().await;
    }
}

#[tokio::test]
async fn servers_of_something_else_are_told_apart() {
    let Some(live) = live() else { return };
    let relay = Relay::start(&live.url, 10).await;
    let (web, flood) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = |address: std::io::Result<std::net::SocketAddr>| address.unwrap().port();
    let urls = [
        format!("turn:127.0.0.1:{}", port(flood.local_addr())),
        format!("turn:127.0.0.1:{}", port(silent.local_addr())),
        format!("turn:127.0.0.1:{}?transport=tcp", port(web.local_addr())),
        "turn:127.0.0.1:9?transport=tcp".to_owned(),
    ];
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = web.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    tokio::spawn(async move {
        let mut buffer = [0; 2_000];
        while let Ok((length, from)) = flood.recv_from(&mut buffer).await {
            for lie in 0..3_000_usize {
                // What was asked, changed at one place; and nothing of the kind.
                let mut answer = buffer[..length].to_vec();
                answer[lie % length] ^= (lie / length) as u8 | 1;
                let _ = flood.send_to(&answer, from).await;
                let _ = flood.send_to(&[0x41; 1_400], from).await;
            }
        }
    });
    let began = Instant::now();
    let (room, mut events) = join(&live, &relay, &unique("bad"), {
        relay.pass(turn(&urls));
        relayed()
    })
    .await;
    // Each of the two connections asks each of them.
    let mut told = Vec::new();
    while urls.iter().any(|url| told.iter().all(|(told, _)| told != url)) {
        told.push(failure(&mut events).await);
    }
    println!("after {:?}: {told:?}", began.elapsed());
    let cause = |url: &String| told.iter().find(|(told, _)| told == url).map(|(_, cause)| cause).unwrap();
    assert!(matches!(cause(&urls[0]), PathError::Timeout), "{told:?}");
    assert!(matches!(cause(&urls[1]), PathError::Timeout), "{told:?}");
    assert!(matches!(cause(&urls[2]), PathError::Protocol), "{told:?}");
    assert!(matches!(cause(&urls[3]), PathError::Connection(_)), "{told:?}");
    assert!(began.elapsed() < Duration::from_secs(8));
    room.leave().await;
}

#[tokio::test]
async fn a_server_that_may_not_send_to_the_room_says_so() {
    let Some(own) = Own::forbidding().await else { return };
    let relay = Relay::start(&own.live.url, 13).await;
    relay.pass(turn(&[format!("turn:127.0.0.1:{}", own.turn().udp)]));
    let (room, mut events) = join(&own.live, &relay, &unique("bad"), relayed()).await;
    let began = Instant::now();
    let (_, cause) = failure(&mut events).await;
    println!("leave to send is refused: {cause}, after {:?}", began.elapsed());
    assert!(matches!(cause, PathError::Refused { code: 403, .. }), "{cause:?}");
    assert!(began.elapsed() < Duration::from_secs(7));
    room.leave().await;
}

#[tokio::test]
async fn a_room_with_relays_alone_and_none_of_use_ends_in_the_time_that_was_said() {
    let Some(live) = live() else { return };
    let relay = Relay::start(&live.url, 11).await;
    relay.pass(turn(&["turn:127.0.0.1:9?transport=tcp".to_owned()]));
    let mut options = relayed();
    options.give_up = Duration::from_secs(3);
    let (room, mut events) = join(&live, &relay, &unique("bad"), options).await;
    let began = Instant::now();
    let ending = async {
        loop {
            if let Some(RoomEvent::Closed(cause)) = events.next().await {
                return cause;
            }
        }
    };
    // The server itself waits for a quarter of a minute for a connection.
    let cause = tokio::time::timeout(SOON * 2, ending).await.expect("an end");
    println!("no way at all: {cause:?} after {:?}", began.elapsed());
    room.leave().await;
}

#[tokio::test]
async fn tcp_that_was_not_allowed_is_not_tried() {
    let Some(live) = super::falling::with_tcp() else { return };
    let relay = Relay::start(&live.url, 12).await;
    relay.pass(Passing { tcp: true, ..Passing::default() });
    let mut without = options();
    without.ice_tcp = false;
    let (room, mut events) = join(&live, &relay, &unique("bad"), without).await;
    assert_eq!(ways(&mut events).await, (Route::Udp, Route::Udp));
    relay.set_dead(true);
    event(&mut events, "the loss", |event| matches!(event, RoomEvent::Reconnecting).then_some(())).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(relay.streams(), 0);
    room.leave().await;
}
