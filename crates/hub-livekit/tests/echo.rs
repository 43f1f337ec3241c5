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
use hub_livekit::worker::{Event, Job, Options, Worker};
use hub_livekit::{Room, RoomOptions};
use serde_json::json;
use std::time::Duration;
use support::peer::Peer;
use support::{live, unique};

const SOON: Duration = Duration::from_secs(15);

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
async fn whoever_opens_a_room_hears_himself() {
    let Some(live) = live() else { return };
    let (Some(one), Some(other)) = (Peer::python(), Peer::python()) else { return };
    let options = Options::new(&live.url, live.keys(), Tls::public().unwrap()).identity("echo");
    let worker = Worker::start(options, run).unwrap();
    let mut events = worker.events();
    let registered = async { while !matches!(events.recv().await, Ok(Event::Registered { .. })) {} };
    tokio::time::timeout(SOON, registered).await.unwrap();

    for (peer, frequency) in [(&one, 440.0), (&other, 660.0)] {
        peer.join(&live, &live.url, &unique("echo"), "person").await;
        peer.order("publish", json!({ "frequency": frequency })).await;
    }
    for (peer, frequency) in [(&one, 440.0), (&other, 660.0)] {
        let track = peer.event("track", SOON, |event| event["name"] == "echo").await;
        let heard = peer.hear(track["identity"].as_str().unwrap(), 2.0).await;
        println!("{heard}");
        assert!((heard["frequency"].as_f64().unwrap() - frequency).abs() < 2.0, "{heard}");
        peer.order("leave", json!({})).await;
    }
    tokio::time::timeout(SOON, worker.shutdown()).await.unwrap().unwrap();
}
