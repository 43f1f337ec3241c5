//! What is lost comes back, or the room ends in a stated time; and nothing is left over.

use super::{SOON, event, join, tone};
use crate::network::Relay;
use crate::support::own::Own;
use crate::support::peer::Peer;
use crate::support::{Live, live, unique, until};
use hub_livekit::room::{Closed, PublishOptions, PublishedTrack, TokenSource, Tokens};
use hub_livekit::{Room, RoomEvent, RoomEvents, RoomOptions};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

async fn join_by(live: &Live, url: &str, room: &str, options: RoomOptions) -> (Room, RoomEvents) {
    Room::connect(url, &live.token(room, "rust"), options).await.unwrap()
}

async fn speak(track: &PublishedTrack) {
    let mut pushed = 0;
    loop {
        while track.position().queued < 9_600 {
            track.push(&tone(pushed, 960)).unwrap();
            pushed += 960;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) async fn speaking(room: &Room) -> (Arc<PublishedTrack>, tokio::task::JoinHandle<()>) {
    let track = Arc::new(room.publish(PublishOptions::new("tone", 48_000, 1).unwrap()).await.unwrap());
    let ours = Arc::clone(&track);
    (track, tokio::spawn(async move { speak(&ours).await }))
}

async fn lost_and_found(events: &mut RoomEvents) -> Duration {
    event(events, "the loss", |event| matches!(event, RoomEvent::Reconnecting).then_some(())).await;
    let lost = Instant::now();
    event(events, "the way back", |event| matches!(event, RoomEvent::Reconnected).then_some(())).await;
    lost.elapsed()
}

fn is_our_tone(heard: &serde_json::Value) -> bool {
    heard["frequency"].as_f64().is_some_and(|frequency| (frequency - 440.0).abs() < 2.0)
}

#[tokio::test]
async fn a_socket_that_is_cut_is_hardly_heard() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let name = unique("staying");
    let relay = Relay::start(&live.url, 4).await;
    peer.join(&live, &live.url, &name, "python").await;
    let (room, mut events) = join_by(&live, relay.url(), &name, super::options()).await;
    let (track, speaking) = speaking(&room).await;
    let (sid, stay) = (track.sid(), room.local().sid);
    assert!(is_our_tone(&peer.hear("rust", 1.0).await));
    let cutting = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        relay.cut();
        lost_and_found(&mut events).await
    };
    let (took, heard) = tokio::join!(cutting, peer.hear("rust", 4.0));
    println!("cut: back after {took:?}; heard {heard}");
    assert!(is_our_tone(&heard) && heard["longest_gap_ms"].as_u64().unwrap() < 100, "{heard}");
    assert_eq!((track.sid(), room.local().sid), (sid, stay));
    // What is asked for after it works as before.
    room.set_metadata("still here").await.unwrap();
    let told = peer.event("metadata", SOON, |told| told["identity"] == "rust").await;
    assert_eq!(told["metadata"], "still here");
    let second = room.publish(PublishOptions::new("second", 48_000, 1).unwrap()).await.unwrap();
    assert!(second.sid().starts_with("TR_"));
    speaking.abort();
    room.leave().await;
}

#[tokio::test]
async fn ten_seconds_without_media_end_with_sound() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let name = unique("staying");
    let relay = Relay::start(&live.url, 5).await;
    peer.join(&live, &live.url, &name, "python").await;
    let (room, mut events) = join_by(&live, relay.url(), &name, super::options()).await;
    let (_track, speaking) = speaking(&room).await;
    assert!(is_our_tone(&peer.hear("rust", 1.0).await));
    relay.set_dead(true);
    let dead = Instant::now();
    event(&mut events, "the loss", |event| matches!(event, RoomEvent::Reconnecting).then_some(())).await;
    let noticed = dead.elapsed();
    assert!(noticed < Duration::from_secs(8), "{noticed:?}");
    tokio::time::sleep(Duration::from_secs(10).saturating_sub(dead.elapsed())).await;
    relay.set_dead(false);
    let alive = Instant::now();
    event(&mut events, "the way back", |event| matches!(event, RoomEvent::Reconnected).then_some(())).await;
    println!("dead for 10 s: noticed after {noticed:?}, back {:?} after its end", alive.elapsed());
    until("the peer hears it again", SOON, async || {
        let heard = peer.try_order("hear", json!({ "identity": "rust", "seconds": 0.5 })).await;
        (is_our_tone(&heard) && heard["longest_gap_ms"] == 0).then_some(())
    })
    .await;
    println!("heard again {:?} after its end", alive.elapsed());
    speaking.abort();
    room.leave().await;
}

struct Counted {
    live: Live,
    room: String,
    asked: Arc<AtomicUsize>,
}

#[async_trait::async_trait]
impl Tokens for Counted {
    async fn token(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(self.live.token(&self.room, "rust"))
    }
}

#[tokio::test]
async fn a_server_that_starts_again_finds_everything_published_anew() {
    let Some(mut own) = Own::start().await else { return };
    let Some(peer) = Peer::python() else { return };
    let (live, name) = (own.live.clone(), unique("staying"));
    let asked = Arc::new(AtomicUsize::new(0));
    let mut options = super::options();
    let counted = Counted { live: live.clone(), room: name.clone(), asked: Arc::clone(&asked) };
    options.tokens = Some(TokenSource::new(counted));
    let (room, mut events) = join_by(&live, &live.url, &name, options).await;
    let (track, speaking) = speaking(&room).await;
    let (sid, stay) = (track.sid(), room.local().sid);
    own.stop().await;
    event(&mut events, "the loss", |event| matches!(event, RoomEvent::Reconnecting).then_some(())).await;
    own.again().await;
    let started = Instant::now();
    event(&mut events, "the way back", |event| matches!(event, RoomEvent::Reconnected).then_some(())).await;
    println!("server restarted: back {:?} after its start", started.elapsed());
    assert!(asked.load(Ordering::Relaxed) > 0);
    peer.join(&live, &live.url, &name, "python").await;
    let heard = peer.hear("rust", 1.0).await;
    println!("heard of the new stay: {heard}");
    assert!(is_our_tone(&heard), "{heard}");
    assert!(track.sid() != sid && room.local().sid != stay);
    speaking.abort();
    room.leave().await;
}

#[tokio::test]
async fn the_room_is_given_up_in_the_time_that_was_said_and_no_task_is_left() {
    let Some(live) = live() else { return };
    let name = unique("staying");
    let relay = Relay::start(&live.url, 6).await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let mut options = super::options();
    options.give_up = Duration::from_secs(3);
    let (room, mut events) = join_by(&live, relay.url(), &name, options.clone()).await;
    relay.set_closed(true);
    relay.cut();
    event(&mut events, "the loss", |event| matches!(event, RoomEvent::Reconnecting).then_some(())).await;
    let lost = Instant::now();
    let cause = event(&mut events, "the end", |event| match event {
        RoomEvent::Closed(cause) => Some(cause),
        _ => None,
    })
    .await;
    println!("given up after {:?}: {cause:?}", lost.elapsed());
    assert!(matches!(cause, Closed::Lost(_)), "{cause:?}");
    assert!(lost.elapsed() < Duration::from_secs(9), "{:?}", lost.elapsed());
    assert!(events.next().await.is_none());
    assert!(matches!(room.set_metadata("").await, Err(hub_livekit::Error::Closed)));
    room.leave().await;
    drop(relay);

    // Without the relay, whose tasks would be counted too.
    until("the relay's tasks end", SOON, async || (tasks() == 0).then_some(())).await;
    let (room, events) = join_by(&live, &live.url, &name, options).await;
    assert!(tasks() > 0);
    let track = room.publish(PublishOptions::new("tone", 48_000, 1).unwrap()).await.unwrap();
    room.leave().await;
    assert_eq!(tasks(), 0, "after leaving, with the other handles still there");
    drop((track, events));
    let (room, _events) = join(&live, &name, "another").await;
    drop(room);
    until("the tasks of a room that was dropped end", SOON, async || (tasks() == 0).then_some(())).await;
}

#[tokio::test]
async fn a_peer_that_is_killed_is_missed_soon_and_a_quiet_room_is_not_taken_for_dead() {
    let Some(live) = live() else { return };
    let Some(mut peer) = Peer::python() else { return };
    let name = unique("staying");
    let (room, mut events) = join(&live, &name, "rust").await;
    // Longer than a connection may say nothing.
    let quiet = Instant::now() + Duration::from_secs(12);
    while let Ok(told) = tokio::time::timeout_at(quiet.into(), events.next()).await {
        assert!(!matches!(told, Some(RoomEvent::Reconnecting) | None), "{told:?}");
    }
    peer.join(&live, &live.url, &name, "python").await;
    peer.order("publish", json!({ "frequency": 660 })).await;
    let _audio = event(&mut events, "its sound", |event| match event {
        RoomEvent::TrackSubscribed { audio, .. } => Some(audio),
        _ => None,
    })
    .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    peer.kill().await;
    let killed = Instant::now();
    let silent = event(&mut events, "the silence", |event| match event {
        RoomEvent::TrackSilent { identity, silent: true, .. } => Some((identity, killed.elapsed())),
        RoomEvent::ParticipantLeft(_) => Some(("left".to_owned(), killed.elapsed())),
        _ => None,
    })
    .await;
    println!("killed: {silent:?}");
    assert!(silent.0 == "python" && silent.1 < Duration::from_secs(3), "{silent:?}");
    room.leave().await;
}

#[tokio::test]
async fn a_revoked_token_does_not_bring_the_room_back() {
    let Some(mut own) = Own::start().await else { return };
    let (live, name) = (own.live.clone(), unique("staying"));
    let (room, mut events) = join_by(&live, &live.url, &name, super::options()).await;
    own.stop().await;
    own.rekey();
    own.again().await;
    let cause = event(&mut events, "the end", |event| match event {
        RoomEvent::Closed(cause) => Some(cause),
        _ => None,
    })
    .await;
    println!("the server has another secret: {cause:?}");
    let Closed::Refused(cause) = cause else { panic!("{cause:?}") };
    assert!(!cause.contains("eyJ"), "the error tells the token: {cause}");
    room.leave().await;
}

/// The server gives everybody who joins a token for ten minutes more.
#[tokio::test]
async fn a_token_that_ended_does_no_harm_where_the_server_gave_another() {
    let Some(mut own) = Own::start().await else { return };
    let (live, name) = (own.live.clone(), unique("staying"));
    // The server itself is a minute lenient.
    let grants = json!({ "roomJoin": true, "room": name });
    let token = live.signed(-120, -55, &grants);
    let (room, mut events) = Room::connect(&live.url, &token, super::options()).await.unwrap();
    let stay = room.local().sid;
    until("its token is refused", SOON, async || {
        // As a participant of the same identity it would be thrown out by the other.
        let again = live.validate(&token).await;
        (again == 401).then_some(())
    })
    .await;
    own.stop().await;
    event(&mut events, "the loss", |event| matches!(event, RoomEvent::Reconnecting).then_some(())).await;
    own.again().await;
    event(&mut events, "the way back", |event| match event {
        RoomEvent::Reconnected => Some(()),
        RoomEvent::Closed(cause) => panic!("{cause:?}"),
        _ => None,
    })
    .await;
    assert_ne!(room.local().sid, stay);
    room.leave().await;
}

/// Whether the server's word arrived is chance; what follows from it is not.
#[tokio::test]
async fn who_is_removed_and_cut_at_once_ends_or_comes_back_as_its_token_still_allows() {
    let Some(live) = live() else { return };
    let name = unique("staying");
    let relay = Relay::start(&live.url, 7).await;
    let (room, mut events) = join_by(&live, relay.url(), &name, super::options()).await;
    let stay = room.local().sid;
    live.server().rooms().remove(&name, "rust").await.unwrap();
    relay.cut();
    let cause = event(&mut events, "the end or the way back", |event| match event {
        RoomEvent::Closed(cause) => Some(Some(cause)),
        RoomEvent::Reconnected => Some(None),
        _ => None,
    })
    .await;
    println!("removed and cut at once: {cause:?}");
    match cause {
        Some(cause) => assert!(matches!(cause, Closed::Server(_) | Closed::Refused(_)), "{cause:?}"),
        None => assert_ne!(room.local().sid, stay),
    }
    room.leave().await;
}
