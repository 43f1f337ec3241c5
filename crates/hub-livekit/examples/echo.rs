//! Gives back what it hears: the track that came last is the one that is heard.
//! `cargo run --example echo -- --url ws://127.0.0.1:7880 --api-key KEY --api-secret SECRET --room NAME`

mod arguments;

use hub_livekit::RoomEvent;
use hub_livekit::room::{AudioStream, PublishOptions};
use hub_livekit::sound::Frame;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (room, mut events) = arguments::join("echo").await?;
    let track = room.publish(PublishOptions::new("echo", 48_000, 1)?).await?;
    let mut heard: Option<AudioStream> = None;
    loop {
        tokio::select! {
            frame = next(&mut heard) => match frame {
                // Where the queue is full, the echo is late anyhow.
                Some(frame) => drop(track.push(&frame.samples)),
                None => heard = None,
            },
            event = events.next() => match event {
                Some(RoomEvent::TrackSubscribed { audio, .. }) => heard = Some(audio),
                Some(RoomEvent::Closed(_)) | None => break,
                Some(_) => {}
            },
        }
    }
    room.leave().await;
    Ok(())
}

async fn next(heard: &mut Option<AudioStream>) -> Option<Frame> {
    match heard {
        Some(audio) => audio.next().await,
        None => std::future::pending().await,
    }
}
