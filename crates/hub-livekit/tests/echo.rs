//! The echo of the examples, as an agent that is called into every new room.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "../examples/echoing/mod.rs"]
mod echoing;
mod support;

use hub_livekit::net::Tls;
use hub_livekit::worker::{Event, Job, Options, Rescue, Worker};
use hub_livekit::{Room, RoomOptions};
use serde_json::json;
use std::time::{Duration, Instant};
use support::peer::Peer;
use support::{Live, live, unique, until};

const SOON: Duration = Duration::from_secs(15);

/// A worker without a name, once the server has taken it.
async fn start(live: &Live) -> Worker {
    let options = Options::new(&live.url, live.keys(), Tls::public().unwrap()).identity("echo");
    let worker = Worker::start(options, run).unwrap();
    let mut events = worker.events();
    let registered = async { while !matches!(events.recv().await, Ok(Event::Registered { .. })) {} };
    tokio::time::timeout(SOON, registered).await.unwrap();
    worker
}

async fn run(job: Job) -> Result<(), String> {
    let joined = Room::connect(&job.url, &job.token, RoomOptions::new().unwrap()).await;
    let (room, mut events) = joined.map_err(|cause| cause.to_string())?;
    tokio::select! {
        echoed = echoing::echo(&room, &mut events) => echoed.map_err(|cause| cause.to_string())?,
        () = job.terminated() => {}
    }
    room.leave().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_a_room_hears_himself_and_again_after_the_worker_was_killed() {
    let Some(live) = live() else { return };
    let (Some(one), Some(other)) = (Peer::python(), Peer::python()) else { return };
    let worker = start(&live).await;
    for (peer, frequency) in [(&one, 440.0), (&other, 660.0)] {
        peer.join(&live, &live.url, &unique("echo"), "person").await;
        peer.order("publish", json!({ "frequency": frequency })).await;
    }
    for (peer, frequency) in [(&one, 440.0), (&other, 660.0)] {
        let track = peer.event("track", SOON, |event| event["name"] == "echo").await;
        let heard = peer.hear(track["identity"].as_str().unwrap(), 2.0).await;
        println!("{heard}");
        assert!((heard["frequency"].as_f64().unwrap() - frequency).abs() < 2.0, "{heard}");
    }

    // Killed: nobody says that its rooms lack their agent.
    let died = Instant::now();
    drop(worker);
    let heir = start(&live).await;
    let mut rescue = Rescue::new(live.server(), "", Duration::from_millis(500));
    for (peer, frequency) in [(&one, 440.0), (&other, 660.0)] {
        let track = until("the echo is back", SOON, async || {
            rescue.look().await.unwrap();
            peer.events().into_iter().find(|event| event["event"] == "track" && event["name"] == "echo")
        });
        let identity = track.await["identity"].as_str().unwrap().to_owned();
        let heard = peer.hear(&identity, 1.0).await;
        println!("again {:?} after the worker died: {heard}", died.elapsed());
        assert!((heard["frequency"].as_f64().unwrap() - frequency).abs() < 2.0, "{heard}");
        peer.order("leave", json!({})).await;
    }
    tokio::time::timeout(SOON, heir.shutdown()).await.unwrap().unwrap();
}
