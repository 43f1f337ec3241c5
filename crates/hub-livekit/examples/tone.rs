//! Publishes a tone of 440 Hz until the room ends.
//! `cargo run --example tone -- --url ws://127.0.0.1:7880 --api-key KEY --api-secret SECRET --room NAME`

mod arguments;

use hub_livekit::RoomEvent;
use hub_livekit::room::PublishOptions;
use std::error::Error;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (room, mut events) = arguments::join("tone").await?;
    let track = room.publish(PublishOptions::new("tone", 48_000, 1)?).await?;
    let mut at = 0_u32;
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    loop {
        tokio::select! {
            _ = tick.tick() => {
                let wave = (at..at + 960).map(|at| (f64::from(at) * std::f64::consts::TAU * 440.0 / 48_000.0).sin());
                let samples: Vec<i16> = wave.map(|value| (value * 8_000.0) as i16).collect();
                track.push(&samples)?;
                // A whole number of waves, so that the tone goes on without a jump.
                at = (at + 960) % 48_000;
            }
            event = events.next() => match event {
                Some(RoomEvent::Closed(_)) | None => break,
                Some(_) => {}
            },
        }
    }
    room.leave().await;
    Ok(())
}
