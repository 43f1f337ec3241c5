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
    for (version, one_connection, reach) in [("v0", false, 300.0), ("v1", true, 150.0)] {
        let mut options = RoomOptions::new().unwrap();
        options.one_connection = one_connection;
        let mut took = Vec::new();
        for number in 0..JOINS {
            let token = live.token(&name, &format!("ours-{number}"));
            took.push(once(&live.url, &token, options.clone()).await);
        }
        let name = |which| format!("connect, {version}: first audio heard, {which} of {JOINS}");
        figures.push(figure(&name("median"), percentile(&mut took, 50), "ms", Value::Null));
        let reach = json!({ "at_most": reach });
        figures.push(figure(&name("p95"), percentile(&mut took, 95), "ms", reach));
    }
}

/// Milliseconds from the call to the first frame.
async fn once(url: &str, token: &str, options: RoomOptions) -> f64 {
    let begun = Instant::now();
    let (room, mut events) = Room::connect(url, token, options).await.unwrap();
    while let Some(event) = events.next().await {
        if let RoomEvent::TrackSubscribed { mut audio, .. } = event {
            audio.next().await.unwrap();
            break;
        }
    }
    let took = begun.elapsed().as_secs_f64() * 1_000.0;
    room.leave().await;
    took
}
