//! Sound both ways.

use super::{event, join, tone};
use crate::support::peer::Peer;
use crate::support::{live, purity, unique};
use hub_livekit::RoomEvent;
use hub_livekit::room::{Closed, Kind, PublishOptions};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_tone_of_ours_is_heard_and_its_position_is_exact() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let name = unique("sound");
    peer.join(&live, &live.url, &name, "listener").await;
    let (room, mut events) = join(&live, &name, "speaker").await;
    assert_eq!((room.name(), room.local().identity), (name, "speaker".to_owned()));
    let track = room.publish(PublishOptions::new("tone", 48_000, 1).unwrap()).await.unwrap();
    assert!(track.sid().starts_with("TR_"), "{}", track.sid());
    let speaking = async {
        let (mut pushed, deadline) = (0, Instant::now() + Duration::from_secs(10));
        while Instant::now() < deadline {
            while track.position().queued < 9_600 {
                track.push(&tone(pushed, 960)).unwrap();
                pushed += 960;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        pushed
    };
    let (pushed, heard) = tokio::join!(speaking, peer.hear("speaker", 3.0));
    println!("heard of us: {heard}");
    assert!((heard["frequency"].as_f64().unwrap() - 440.0).abs() < 2.0, "{heard}");
    assert!(heard["purity"].as_f64().unwrap() > 0.99, "{heard}");
    track.clear();
    let position = track.position();
    assert_eq!(position.pushed, pushed);
    assert_eq!((position.queued, position.played), (0, position.pushed - position.discarded));
    track.unpublish().await.unwrap();
    peer.event("untrack", super::SOON, |told| told["identity"] == "speaker").await;
    room.leave().await;
    let closed = event(&mut events, "the end", |event| match event {
        RoomEvent::Closed(cause) => Some(cause),
        _ => None,
    });
    assert_eq!(closed.await, Closed::Left);
}

#[tokio::test]
async fn a_tone_of_the_other_is_heard_here() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let name = unique("sound");
    let (room, mut events) = join(&live, &name, "listener").await;
    peer.join(&live, &live.url, &name, "speaker").await;
    peer.order("publish", json!({ "frequency": 660 })).await;
    let mut audio = event(&mut events, "the sound of the peer", |event| match event {
        RoomEvent::TrackSubscribed { identity, audio, .. } if identity == "speaker" => Some(audio),
        _ => None,
    })
    .await;
    // A machine that is busy starves the peer now and then, which then makes gaps in its own tone; a receiver
    // that spoils sound spoils every stretch of it.
    let mut pure = false;
    for _ in 0..5 {
        let mut samples = Vec::new();
        while samples.len() < 96_000 {
            let frame = tokio::time::timeout(super::SOON, audio.next()).await.expect("frames").unwrap();
            samples.extend(frame.samples);
        }
        // In pieces of 100 ms: the receiver may shorten its delay meanwhile, which moves the phase.
        let mut shares: Vec<f64> = samples.chunks_exact(4_800).map(|part| purity(part, 660.0)).collect();
        shares.sort_by(f64::total_cmp);
        println!("shares of 660 Hz: {shares:.4?}; {:?}", audio.statistics());
        pure = shares[0] > 0.95 && shares[shares.len() / 2] > 0.99;
        if pure {
            break;
        }
    }
    assert!(pure, "no stretch of two seconds is a pure tone");
    let told = audio.statistics();
    assert!(told.lost == 0 && told.malformed == 0 && told.refused == 0, "{told:?}");
    room.leave().await;
}

/// Video is seen and never asked for; sound that comes and goes beside it is heard each time.
#[tokio::test]
async fn sound_beside_a_camera_is_heard_whenever_it_comes() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let name = unique("sound");
    peer.join(&live, &live.url, &name, "speaker").await;
    peer.order("film", json!({})).await;
    let (room, mut events) = join(&live, &name, "listener").await;
    for turn in 0..3 {
        if turn == 1 {
            // A second camera, together with sound that takes the place of what was there before.
            peer.order("film", json!({ "name": "second" })).await;
        }
        peer.order("publish", json!({ "frequency": 660 })).await;
        let mut audio = event(&mut events, "the sound of the peer", |event| match event {
            RoomEvent::TrackSubscribed { audio, track, .. } => {
                assert_eq!(track.kind, Kind::Audio);
                Some(audio)
            }
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
        tokio::time::timeout(super::SOON, hearing).await.expect("loud sound");
        peer.order("unpublish", json!({})).await;
        let ended = async { while audio.next().await.is_some() {} };
        tokio::time::timeout(super::SOON, ended).await.expect("the end of its sound");
    }
    room.leave().await;
}
