//! What is refused, and how it is said.

use super::event;
use crate::support::{live, unique};
use hub_livekit::room::Closed;
use hub_livekit::{Error, Room, RoomEvent, RoomOptions};

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
