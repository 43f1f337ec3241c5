//! Messages, attributes, and who is there.

use super::{event, join};
use crate::support::peer::Peer;
use crate::support::{live, unique};
use hub_livekit::RoomEvent;
use hub_livekit::room::{Message, Reliability};

#[tokio::test]
async fn messages_go_both_ways_and_attributes_are_seen() {
    let Some(live) = live() else { return };
    let name = unique("data");
    let (first, mut of_first) = join(&live, &name, "first").await;
    let (second, mut of_second) = join(&live, &name, "second").await;
    event(&mut of_first, "the second", |event| match event {
        RoomEvent::ParticipantJoined(other) if other.identity == "second" => Some(()),
        _ => None,
    })
    .await;
    for (from, events, sender, reliability) in [
        (&first, &mut of_second, "first", Reliability::Reliable),
        (&second, &mut of_first, "second", Reliability::Reliable),
    ] {
        let sent = Message { topic: "greeting".to_owned(), payload: b"hello".to_vec() };
        from.send(sent.clone(), reliability, &[]).await.unwrap();
        let (identity, came) = event(events, "a message", |event| match event {
            RoomEvent::Data { identity, message, .. } => Some((identity, message)),
            _ => None,
        })
        .await;
        assert_eq!((identity.as_str(), came), (sender, sent));
    }
    first.set_attributes([("mood".to_owned(), "calm".to_owned())]).await.unwrap();
    let changed = event(&mut of_second, "attributes", |event| match event {
        RoomEvent::ParticipantChanged(other) if other.identity == "first" => Some(other),
        _ => None,
    });
    assert_eq!(changed.await.attributes["mood"], "calm");
    first.leave().await;
    event(&mut of_second, "a departure", |event| match event {
        RoomEvent::ParticipantLeft(other) if other.identity == "first" => Some(()),
        _ => None,
    })
    .await;
    assert!(second.participants().is_empty());
    second.leave().await;
}

#[tokio::test]
async fn python_reads_a_message_of_ours() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let name = unique("data");
    peer.join(&live, &live.url, &name, "listener").await;
    let (room, _events) = join(&live, &name, "speaker").await;
    let sent = Message { topic: "greeting".to_owned(), payload: b"hello".to_vec() };
    room.send(sent, Reliability::Reliable, &[]).await.unwrap();
    let told = peer.event("data", super::SOON, |_| true).await;
    assert_eq!(told["topic"], "greeting", "{told}");
    room.leave().await;
}
