//! Tokens, rooms, dispatch and webhooks against the real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod support;

use hub_livekit::net::Tls;
use hub_livekit::server::{Error, Join, Keys, NewRoom, Server, Webhooks};
use serde_json::json;
use std::time::Duration;
use support::peer::Peer;
use support::{live, unique, until};

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn rooms_are_made_listed_changed_and_ended() {
    let Some(live) = live() else { return };
    let (server, name) = (live.server(), unique("rooms"));
    let rooms = server.rooms();
    let made = rooms.create(&NewRoom::new(&name).metadata("old").most_participants(3)).await.unwrap();
    assert_eq!(
        (made.name.as_str(), made.metadata.as_str(), made.max_participants),
        (name.as_str(), "old", 3)
    );
    assert_eq!(rooms.create(&NewRoom::new(&name)).await.unwrap().sid, made.sid);
    assert_eq!(rooms.set_metadata(&name, "new").await.unwrap().metadata, "new");
    let listed = rooms.list(&[&name]).await.unwrap();
    assert_eq!(listed.iter().map(|room| room.metadata.as_str()).collect::<Vec<_>>(), ["new"]);
    assert!(rooms.participants(&name).await.unwrap().is_empty());
    assert!(rooms.participant(&name, "nobody").await.unwrap_err().is_not_found());
    rooms.delete(&name).await.unwrap();
    assert!(rooms.list(&[&name]).await.unwrap().is_empty());
    assert!(rooms.set_metadata(&name, "late").await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn other_keys_are_refused_and_a_dead_port_is_told_from_them() {
    let Some(live) = live() else { return };
    let tls = Tls::public().unwrap();
    let stranger = Keys::new(&live.key, &"x".repeat(32)).unwrap();
    let server = Server::new(&live.url, stranger, &tls).unwrap();
    match server.rooms().list(&[]).await.unwrap_err() {
        Error::Refused { code, .. } => assert!(code.contains("auth"), "{code}"),
        Error::Net(hub_livekit::net::Error::Status { status, .. }) => assert_eq!(status, 401),
        other => panic!("{other:?}"),
    }
    let nobody = Server::new("ws://127.0.0.1:9", live.keys(), &tls).unwrap();
    let error = nobody.rooms().list(&[]).await.unwrap_err();
    assert!(matches!(error, Error::Net(hub_livekit::net::Error::Connection(_))) && error.is_transient());
}

#[tokio::test]
async fn a_participant_is_seen_addressed_restrained_and_removed() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let (server, room) = (live.server(), unique("seen"));
    let rooms = server.rooms();
    peer.join(&live, &live.url, &room, "speaker").await;
    let track = peer.order("publish", json!({ "frequency": 440 })).await["sid"].clone();
    let track = track.as_str().unwrap();
    let seen = until("the track is seen", SOON, async || {
        let seen = rooms.participant(&room, "speaker").await.ok()?;
        (!seen.tracks.is_empty()).then_some(seen)
    });
    assert_eq!(seen.await.tracks[0].sid, track);

    rooms.send(&room, "greeting", b"hello", &["speaker"]).await.unwrap();
    let data = peer.event("data", SOON, |event| event["topic"] == "greeting").await;
    assert_eq!(data["data"], "aGVsbG8=");

    rooms.mute(&room, "speaker", track, true).await.unwrap();
    peer.event("muted", SOON, |event| event["sid"] == track).await;
    let attributes = [("mood".to_owned(), "calm".to_owned())].into_iter().collect();
    rooms.set_attributes(&room, "speaker", attributes).await.unwrap();
    peer.event("attributes", SOON, |event| event["changed"]["mood"] == "calm").await;

    let quiet =
        hub_livekit::server::protocol::ParticipantPermission { can_subscribe: true, ..Default::default() };
    rooms.permit(&room, "speaker", quiet).await.unwrap();
    until("the track is taken away", SOON, async || {
        rooms.participant(&room, "speaker").await.ok()?.tracks.is_empty().then_some(())
    })
    .await;
    rooms.remove(&room, "speaker").await.unwrap();
    peer.event("disconnected", SOON, |_| true).await;
    assert!(rooms.participant(&room, "speaker").await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_token_opens_one_room_for_what_it_grants() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let room = unique("grants");
    let keys = live.keys();
    let listener = keys.join(&Join::new(&room, "listener")).unwrap();
    peer.order("join", json!({ "url": live.url, "token": listener })).await;
    let refused = peer.try_order("publish", json!({ "frequency": 440 })).await;
    assert!(refused["error"].as_str().is_some(), "{refused}");
    let seen = live.server().rooms().participant(&room, "listener").await.unwrap();
    let permission = seen.permission.unwrap();
    assert!(permission.can_subscribe && !permission.can_publish && !permission.can_publish_data);

    let Some(stranger) = Peer::python() else { return };
    let forged = Keys::new(&live.key, &"y".repeat(32)).unwrap().join(&Join::new(&room, "forger")).unwrap();
    let refused = stranger.try_order("join", json!({ "url": live.url, "token": forged })).await;
    assert!(refused["error"].as_str().is_some(), "{refused}");
}

#[tokio::test]
async fn a_dispatch_is_made_listed_and_ended() {
    let Some(live) = live() else { return };
    let (server, room) = (live.server(), unique("dispatch"));
    let made = server.dispatches().create(&room, "a-name-that-no-worker-has", "why").await.unwrap();
    // Beside ours stands the one without a name that every room has.
    let ours = async || {
        let all = server.dispatches().list(&room).await.unwrap();
        all.into_iter().find(|one| one.id == made.id)
    };
    assert_eq!(ours().await.map(|one| one.metadata).as_deref(), Some("why"));
    server.dispatches().delete(&room, &made.id).await.unwrap();
    assert!(ours().await.is_none());
    server.rooms().delete(&room).await.unwrap();
}

#[tokio::test]
async fn webhooks_of_the_server_are_believed_and_changed_ones_are_not() {
    let Some(live) = live() else { return };
    let Some(mut hooks) = support::hook::listen().await else { return };
    let (server, room) = (live.server(), unique("hooked"));
    server.rooms().create(&NewRoom::new(&room)).await.unwrap();
    let (authorization, body) = tokio::time::timeout(SOON, async {
        loop {
            let (authorization, body) = hooks.recv().await.unwrap();
            if String::from_utf8_lossy(&body).contains(&room) {
                return (authorization, body);
            }
        }
    })
    .await
    .unwrap();
    let event = server.webhooks().receive(&body, &authorization).unwrap();
    assert_eq!((event.event.as_str(), event.room.unwrap().name), ("room_started", room.clone()));
    let changed = String::from_utf8_lossy(&body).replace("room_started", "room_finished");
    assert!(matches!(server.webhooks().receive(changed.as_bytes(), &authorization), Err(Error::Webhook(_))));
    let stranger = Webhooks::new(&Keys::new(&live.key, &"x".repeat(32)).unwrap());
    assert!(matches!(stranger.receive(&body, &authorization), Err(Error::Webhook(_))));
    server.rooms().delete(&room).await.unwrap();
}
