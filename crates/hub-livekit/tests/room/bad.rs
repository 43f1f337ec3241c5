//! What is refused, and how it is said.

use super::event;
use crate::support::{live, unique};
use hub_livekit::room::{Closed, Message, PublishOptions, Reliability, Source, StreamOptions};
use hub_livekit::{Error, Room, RoomEvent, RoomOptions};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn wrong_tokens_and_urls_are_told_apart() {
    let Some(live) = live() else { return };
    let options = || RoomOptions::new().unwrap();
    let token = live.token(&unique("bad"), "somebody");
    let forged = format!("{}x", &token[..token.len() - 2]);
    let refused = Room::connect(&live.url, &forged, options()).await.err();
    assert!(matches!(refused, Some(Error::Token(_))), "{refused:?}");
    let nobody = Room::connect("ws://127.0.0.1:9", &token, options()).await.err();
    assert!(matches!(nobody, Some(Error::Connect(_))), "{nobody:?}");
    let wrong = Room::connect("ftp://127.0.0.1", &token, options()).await.err();
    assert!(matches!(wrong, Some(Error::Net(_))), "{wrong:?}");
}

#[tokio::test]
async fn who_is_removed_is_told_so() {
    let Some(live) = live() else { return };
    let name = unique("bad");
    let (room, mut events) = super::join(&live, &name, "somebody").await;
    live.server().rooms().remove(&name, "somebody").await.unwrap();
    let cause = event(&mut events, "the end", |event| match event {
        RoomEvent::Closed(cause) => Some(cause),
        _ => None,
    })
    .await;
    assert!(matches!(cause, Closed::Server(_)), "{cause:?}");
    room.leave().await;
}

#[tokio::test]
async fn tokens_that_are_late_early_or_allow_nothing_are_refused() {
    let Some(live) = live() else { return };
    let name = unique("bad");
    let join = json!({ "roomJoin": true, "room": name });
    let join_by = async |token: &str| Room::connect(&live.url, token, RoomOptions::new().unwrap()).await;
    let (room, _events) = join_by(&live.signed(-60, 600, &join)).await.expect("the same, in its time");
    room.leave().await;
    let refused = [
        ("expired", live.signed(-7_200, -3_600, &join)),
        ("not valid yet", live.signed(3_600, 7_200, &join)),
        ("without grants", live.signed(-60, 600, &json!({}))),
        ("that may only list rooms", live.signed(-60, 600, &json!({ "roomList": true, "room": name }))),
        ("empty", String::new()),
        ("of another alphabet", "to\nken".to_owned()),
    ];
    for (what, token) in refused {
        let error = join_by(&token).await.err();
        println!("a token {what}: {error:?}");
        assert!(matches!(error, Some(Error::Token(_))), "a token {what}: {error:?}");
        assert!(token.is_empty() || !format!("{error:?}").contains(&token), "the error tells the token");
    }
}

/// The room is the token's: one for another room leads there, and its bearer is seen by nobody here.
#[tokio::test]
async fn a_token_for_another_room_leads_into_that_one() {
    let Some(live) = live() else { return };
    let (here, there) = (unique("bad"), unique("bad"));
    let (host, _of_host) = super::join(&live, &here, "host").await;
    let (guest, _of_guest) = super::join(&live, &there, "guest").await;
    assert_eq!(guest.name(), there);
    assert!(guest.participants().is_empty() && host.participants().is_empty());
    guest.leave().await;
    host.leave().await;
}

/// What the token does not allow is refused at once, and the room goes on.
#[tokio::test]
async fn what_the_token_does_not_allow_is_refused_at_once_and_the_room_goes_on() {
    let Some(live) = live() else { return };
    let name = unique("bad");
    let join_by = async |video: Value| {
        let token = live.signed(-60, 600, &video);
        Room::connect(&live.url, &token, RoomOptions::new().unwrap()).await.unwrap()
    };
    let microphone = || PublishOptions::new("voice", 48_000, 1).unwrap();
    let screen = || PublishOptions { source: Source::ScreenShareAudio, ..microphone() };
    let message = || Message { topic: String::new(), payload: b"hello".to_vec() };
    let refused = |answer: Option<Error>| {
        println!("{answer:?}");
        assert!(matches!(answer, Some(Error::NotAllowed { .. })), "{answer:?}");
    };
    let grants = json!({ "roomJoin": true, "room": name, "canPublish": false });
    let (room, mut events) = join_by(grants).await;
    let began = Instant::now();
    refused(room.publish(microphone()).await.err());
    // The right to send follows that to publish, where nothing else is said.
    refused(room.send(message(), Reliability::Reliable, &[]).await.err());
    refused(room.send_text("hello", StreamOptions::new("chat")).await.err());
    refused(room.set_metadata("somebody else").await.err());
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());

    let (other, _of_other) = super::join(&live, &name, "other").await;
    event(&mut events, "the other", |event| match event {
        RoomEvent::ParticipantJoined(_) => Some(()),
        RoomEvent::Closed(_) | RoomEvent::Reconnecting => panic!("the room is lost: {event:?}"),
        _ => None,
    })
    .await;
    other.leave().await;
    room.leave().await;

    let grants = json!({ "roomJoin": true, "room": name, "canPublishSources": ["microphone"],
        "canPublishData": false });
    let (room, _events) = join_by(grants).await;
    refused(room.publish(screen()).await.err());
    refused(room.send(message(), Reliability::Lossy, &[]).await.err());
    room.publish(microphone()).await.expect("the source that is allowed");
    room.leave().await;
}
