//! How long it takes from the wish to be in a room until the first sound is there.

use crate::support::peer::Peer;
use crate::support::{Live, unique};
use crate::{figure, percentile};
use hub_livekit::{Room, RoomEvent, RoomOptions};
use serde_json::{Value, json};
use std::time::Instant;

const JOINS: usize = 40;

pub async fn measure(live: &Live, figures: &mut Vec<Value>) {
    let name = unique("first");
    let peer = Peer::python().expect("Python's package");
    peer.join(live, &live.url, &name, "python").await;
    peer.order("publish", json!({ "frequency": 440 })).await;
    let mut took = Vec::new();
    for number in 0..JOINS {
        let token = live.token(&name, &format!("ours-{number}"));
        let begun = Instant::now();
        let (room, mut events) = Room::connect(&live.url, &token, RoomOptions::new().unwrap()).await.unwrap();
        while let Some(event) = events.next().await {
            if let RoomEvent::TrackSubscribed { mut audio, .. } = event {
                audio.next().await.unwrap();
                break;
            }
        }
        took.push(begun.elapsed().as_secs_f64() * 1_000.0);
        room.leave().await;
    }
    let reach = json!({ "at_most": 300.0 });
    figures.push(figure(
        "connect, v0: first audio heard, median of 40",
        percentile(&mut took, 50),
        "ms",
        Value::Null,
    ));
    figures.push(figure("connect, v0: first audio heard, p95 of 40", percentile(&mut took, 95), "ms", reach));
}
