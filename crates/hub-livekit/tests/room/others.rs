//! What others do with their tracks, what the server tells of it, and what is wanted of it.

use super::{SOON, event, join, tone};
use crate::support::{live, unique, until};
use hub_livekit::room::{PublishOptions, PublishedTrack};
use hub_livekit::{Room, RoomEvent, RoomEvents};
use std::sync::Arc;
use std::time::Duration;

async fn publish(room: &Room, name: &str) -> Arc<PublishedTrack> {
    Arc::new(room.publish(PublishOptions::new(name, 48_000, 1).unwrap()).await.unwrap())
}

/// Keeps a track fed until the task is aborted.
fn speak(track: &Arc<PublishedTrack>) -> tokio::task::JoinHandle<()> {
    let track = Arc::clone(track);
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

async fn published(events: &mut RoomEvents, name: &str) -> String {
    event(events, name, |event| match event {
        RoomEvent::TrackPublished { track, .. } if track.name == name => Some(track.sid),
        _ => None,
    })
    .await
}

async fn heard(events: &mut RoomEvents, sid: &str) -> hub_livekit::room::AudioStream {
    event(events, "its sound", |event| match event {
        RoomEvent::TrackSubscribed { track, audio, .. } if track.sid == sid => Some(audio),
        _ => None,
    })
    .await
}

/// Loud sound comes within the time.
async fn loud(audio: &mut hub_livekit::room::AudioStream) {
    let listening = async {
        while let Some(frame) = audio.next().await {
            if frame.samples.iter().any(|sample| sample.unsigned_abs() > 4_000) {
                return;
            }
        }
        panic!("the sound ended");
    };
    tokio::time::timeout(SOON, listening).await.expect("loud sound");
}

/// Nothing but silence comes for a second, or nothing at all.
async fn quiet(audio: &mut hub_livekit::room::AudioStream) -> bool {
    let until = tokio::time::Instant::now() + Duration::from_secs(1);
    while let Ok(frame) = tokio::time::timeout_at(until, audio.next()).await {
        let Some(frame) = frame else { return true };
        if frame.samples.iter().any(|sample| sample.unsigned_abs() > 2_000) {
            return false;
        }
    }
    true
}

#[tokio::test]
async fn a_track_that_is_muted_is_told_and_silent_and_heard_again() {
    let Some(live) = live() else { return };
    let name = unique("others");
    let (listener, mut events) = join(&live, &name, "listener").await;
    let (speaker, _of_speaker) = join(&live, &name, "speaker").await;
    let track = publish(&speaker, "voice").await;
    let speaking = speak(&track);
    let sid = published(&mut events, "voice").await;
    let mut audio = heard(&mut events, &sid).await;
    loud(&mut audio).await;
    for muted in [true, false] {
        track.set_muted(muted).await.unwrap();
        event(&mut events, "the change", |event| match event {
            RoomEvent::TrackMuted { track, .. } if track.sid == sid => {
                assert_eq!(track.muted, muted);
                Some(())
            }
            _ => None,
        })
        .await;
        if muted {
            until("silence", SOON, async || quiet(&mut audio).await.then_some(())).await;
        } else {
            loud(&mut audio).await;
        }
    }
    // The server can do the same, and then says so to both.
    live.server().rooms().mute(&name, "speaker", &sid, true).await.unwrap();
    event(&mut events, "the server's mute", |event| match event {
        RoomEvent::TrackMuted { track, .. } if track.muted => Some(()),
        _ => None,
    })
    .await;
    until("silence", SOON, async || quiet(&mut audio).await.then_some(())).await;
    speaking.abort();
    speaker.leave().await;
    listener.leave().await;
}

#[tokio::test]
async fn a_pause_is_silence_and_keeps_what_waits() {
    let Some(live) = live() else { return };
    let name = unique("others");
    let (listener, mut events) = join(&live, &name, "listener").await;
    let (speaker, _of_speaker) = join(&live, &name, "speaker").await;
    let track = publish(&speaker, "voice").await;
    track.push(&tone(0, 48_000 * 20)).unwrap();
    let sid = published(&mut events, "voice").await;
    let mut audio = heard(&mut events, &sid).await;
    loud(&mut audio).await;
    track.pause();
    let paused = track.position();
    assert!(paused.queued > 48_000 && paused.discarded == 0, "{paused:?}");
    until("silence", SOON, async || quiet(&mut audio).await.then_some(())).await;
    assert_eq!(track.position(), paused);
    track.resume();
    loud(&mut audio).await;
    track.clear();
    let cleared = track.position();
    assert_eq!(cleared.played + cleared.discarded, cleared.pushed);
    until("silence", SOON, async || quiet(&mut audio).await.then_some(())).await;
    speaker.leave().await;
    listener.leave().await;
}

#[tokio::test]
async fn several_tracks_come_and_go_each_by_itself() {
    let Some(live) = live() else { return };
    let name = unique("others");
    let (listener, mut events) = join(&live, &name, "listener").await;
    let (speaker, _of_speaker) = join(&live, &name, "speaker").await;
    let mut tracks = Vec::new();
    for name in ["one", "two", "three"] {
        let track = publish(&speaker, name).await;
        let speaking = speak(&track);
        let sid = published(&mut events, name).await;
        assert_eq!(sid, track.sid());
        let mut audio = heard(&mut events, &sid).await;
        loud(&mut audio).await;
        tracks.push((track, speaking, audio));
    }
    let (second, speaking, mut gone) = tracks.remove(1);
    speaking.abort();
    let _aborted = speaking.await;
    let sid = second.sid();
    Arc::into_inner(second).unwrap().unpublish().await.unwrap();
    event(&mut events, "its end", |event| match event {
        RoomEvent::TrackUnpublished { track, .. } if track.sid == sid => Some(()),
        _ => None,
    })
    .await;
    let ended = async { while gone.next().await.is_some() {} };
    tokio::time::timeout(SOON, ended).await.expect("the end of its sound");
    for (_, _, audio) in &mut tracks {
        loud(audio).await;
    }
    let fourth = publish(&speaker, "four").await;
    let _speaking = speak(&fourth);
    let sid = published(&mut events, "four").await;
    loud(&mut heard(&mut events, &sid).await).await;
    speaker.leave().await;
    event(&mut events, "the departure", |event| matches!(event, RoomEvent::ParticipantLeft(_)).then_some(()))
        .await;
    listener.leave().await;
}

#[tokio::test]
async fn what_is_not_wanted_is_never_subscribed() {
    let Some(live) = live() else { return };
    let name = unique("others");
    let mut options = super::options();
    options.auto_subscribe = false;
    let (listener, mut events) =
        Room::connect(&live.url, &live.token(&name, "listener"), options).await.unwrap();
    let (speaker, _of_speaker) = join(&live, &name, "speaker").await;
    let wanted = publish(&speaker, "wanted").await;
    let sid = published(&mut events, "wanted").await;
    // Not before the other was told: both in one message are told in any order.
    let unwanted = publish(&speaker, "unwanted").await;
    published(&mut events, "unwanted").await;
    let (_first, _second) = (speak(&wanted), speak(&unwanted));
    listener.subscribe(&sid, true).await.unwrap();
    let mut audio = event(&mut events, "its sound", |event| match event {
        RoomEvent::TrackSubscribed { track, audio, .. } => {
            assert_eq!(track.sid, sid);
            Some(audio)
        }
        _ => None,
    })
    .await;
    loud(&mut audio).await;
    let until = tokio::time::Instant::now() + Duration::from_secs(3);
    while let Ok(told) = tokio::time::timeout_at(until, events.next()).await {
        assert!(!matches!(told, Some(RoomEvent::TrackSubscribed { .. }) | None), "{told:?}");
    }
    listener.subscribe(&sid, false).await.unwrap();
    let ended = async { while audio.next().await.is_some() {} };
    tokio::time::timeout(SOON, ended).await.expect("the end of its sound");
    listener.subscribe(&sid, true).await.unwrap();
    loud(&mut heard(&mut events, &sid).await).await;
    speaker.leave().await;
    listener.leave().await;
}

#[tokio::test]
async fn who_speaks_and_how_well_they_are_connected_is_told() {
    let Some(live) = live() else { return };
    let name = unique("others");
    let (listener, mut events) = join(&live, &name, "listener").await;
    let (speaker, _of_speaker) = join(&live, &name, "speaker").await;
    let sid = speaker.local().sid;
    let track = publish(&speaker, "voice").await;
    let speaking = speak(&track);
    let (mut active, mut quality) = (false, false);
    event(&mut events, "speakers and quality", |event| {
        match event {
            RoomEvent::Speakers(told) => {
                active |=
                    told.iter().any(|speaker| speaker.sid == sid && speaker.active && speaker.level > 0.0);
            }
            RoomEvent::Quality { .. } => quality = true,
            _ => {}
        }
        (active && quality).then_some(())
    })
    .await;
    speaking.abort();
    event(&mut events, "the end of their speech", |event| match event {
        RoomEvent::Speakers(told) => {
            told.iter().any(|speaker| speaker.sid == sid && !speaker.active).then_some(())
        }
        _ => None,
    })
    .await;
    speaker.leave().await;
    listener.leave().await;
}

#[tokio::test]
async fn metadata_of_participants_and_of_the_room_is_told() {
    let Some(live) = live() else { return };
    let name = unique("others");
    let (first, mut events) = join(&live, &name, "first").await;
    let (second, _of_second) = join(&live, &name, "second").await;
    // What is changed before others see a participant is told with its coming.
    event(&mut events, "the second", |event| match event {
        RoomEvent::ParticipantJoined(other) if other.identity == "second" => Some(()),
        _ => None,
    })
    .await;
    second.set_metadata("a chair").await.unwrap();
    event(&mut events, "metadata", |event| match event {
        RoomEvent::ParticipantChanged(other) if other.metadata == "a chair" => Some(()),
        _ => None,
    })
    .await;
    let known = || first.participants().iter().any(|other| other.metadata == "a chair");
    assert!(known());
    live.server().rooms().set_metadata(&name, "a kitchen").await.unwrap();
    event(&mut events, "metadata of the room", |event| match event {
        RoomEvent::RoomChanged { metadata } if metadata == "a kitchen" => Some(()),
        _ => None,
    })
    .await;
    second.leave().await;
    first.leave().await;
}
