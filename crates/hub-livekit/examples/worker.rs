//! An agent that joins every new room and gives back what it hears; Ctrl-C lets it end.
//! `cargo run --example worker -- --url ws://127.0.0.1:7880 --api-key KEY --api-secret SECRET`
#![allow(clippy::print_stdout, reason = "it speaks to a person")]

mod arguments;
mod echoing;

use hub_livekit::net::Tls;
use hub_livekit::server::Server;
use hub_livekit::worker::{Job, Options, Rescue, Worker};
use hub_livekit::{Room, RoomOptions};
use std::error::Error;
use std::time::Duration;

/// How long a room may lack its agent before it is called again, and how often is looked.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, keys) = arguments::server()?;
    let tls = Tls::public()?;
    let server = Server::new(&url, keys.clone(), &tls)?;
    // Rooms whose worker died, this one before it was started again among them.
    let mut rescue = Rescue::new(server, "", PATIENCE);
    let mut worker = Worker::start(Options::new(&url, keys, tls).identity("echo"), run)?;
    let mut events = worker.events();
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            Ok(event) = events.recv() => println!("{event:?}"),
            _ = look.tick() => match rescue.look().await {
                Ok(rescued) => rescued.iter().for_each(|room| println!("{room:?}")),
                Err(error) => println!("{error}"),
            },
            ended = worker.ended() => return Ok(ended?),
            _ = tokio::signal::ctrl_c() => return Ok(worker.shutdown().await?),
        }
    }
}

async fn run(job: Job) -> Result<(), String> {
    let options = RoomOptions::new().map_err(|cause| cause.to_string())?;
    let joined = Room::connect(&job.url, &job.token, options).await;
    let (room, mut events) = joined.map_err(|cause| cause.to_string())?;
    let echoed = tokio::select! {
        echoed = echoing::echo(&room, &mut events) => echoed,
        () = job.terminated() => Ok(()),
    };
    room.leave().await;
    echoed.map_err(|cause| cause.to_string())
}
