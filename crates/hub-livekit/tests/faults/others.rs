//! Somebody else dies, or the right to be there does.

use crate::ear::{Mouth, join};
use crate::support::own::Own;
use crate::support::peer::Peer;
use crate::support::{Live, unique};
use crate::{Row, after, event};
use hub_livekit::RoomEvent;
use hub_livekit::room::Closed;
use serde_json::json;
use std::time::{Duration, Instant};

pub(crate) async fn peer_killed(live: &Live) -> Option<Row> {
    let mut peer = Peer::python()?;
    let name = unique("faults");
    let (room, mut events) = join(live, &live.url, &name, "listener").await;
    peer.join(live, &live.url, &name, "python").await;
    peer.order("publish", json!({ "frequency": 660 })).await;
    let (_audio, _) = event(&mut events, "its sound", |event| match event {
        RoomEvent::TrackSubscribed { audio, .. } => Some(audio),
        _ => None,
    })
    .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    peer.kill().await;
    let killed = Instant::now();
    let (_, silent) = event(&mut events, "the silence", |event| {
        matches!(event, RoomEvent::TrackSilent { silent: true, .. }).then_some(())
    })
    .await;
    let (_, left) = event(&mut events, "the server's word", |event| {
        matches!(event, RoomEvent::ParticipantLeft(_)).then_some(())
    })
    .await;
    room.leave().await;
    assert!(silent.duration_since(killed) < Duration::from_secs(4));
    Some(Row {
        fault: "Peer killed",
        done: format!("`TrackSilent` after {}", after(killed, silent)),
        heard: format!("silence; the server tells it after {}", after(killed, left)),
    })
}

async fn end(events: &mut hub_livekit::RoomEvents) -> (Closed, Instant) {
    event(events, "the end", |event| match event {
        RoomEvent::Closed(cause) => Some(cause),
        _ => None,
    })
    .await
}

pub(crate) async fn token_revoked() -> Option<Row> {
    let mut own = Own::start().await?;
    let (live, name) = (own.live.clone(), unique("faults"));
    let (room, mut events) = join(&live, &live.url, &name, "speaker").await;
    own.stop().await;
    own.rekey();
    own.again().await;
    let started = Instant::now();
    let (cause, ended) = end(&mut events).await;
    assert!(matches!(cause, Closed::Refused(_)), "{cause:?}");
    room.leave().await;
    Some(Row {
        fault: "Token revoked: the server has another key",
        done: format!("`Closed::Refused` {} after the server answers", after(started, ended)),
        heard: "nothing any more".to_owned(),
    })
}

pub(crate) async fn removed(live: &Live) -> Option<Row> {
    let name = unique("faults");
    let (room, mut events) = join(live, &live.url, &name, "speaker").await;
    let _mouth = Mouth::open(&room).await;
    let began = Instant::now();
    live.server().rooms().remove(&name, "speaker").await.unwrap();
    let (cause, ended) = end(&mut events).await;
    assert!(matches!(cause, Closed::Server(_)), "{cause:?}");
    room.leave().await;
    Some(Row {
        fault: "Removed by the server",
        done: format!("`Closed::Server` after {}", after(began, ended)),
        heard: "nothing any more".to_owned(),
    })
}
