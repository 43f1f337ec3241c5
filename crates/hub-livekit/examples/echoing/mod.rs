//! An echo in a room, for a participant and for a worker's job.

use hub_livekit::room::{AudioStream, PublishOptions};
use hub_livekit::sound::Frame;
use hub_livekit::{Error, Room, RoomEvent, RoomEvents};

/// Gives back the track that came last, until the room ends.
pub(crate) async fn echo(room: &Room, events: &mut RoomEvents) -> Result<(), Error> {
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
                Some(RoomEvent::Closed(_)) | None => return Ok(()),
                Some(_) => {}
            },
        }
    }
}

async fn next(heard: &mut Option<AudioStream>) -> Option<Frame> {
    match heard {
        Some(audio) => audio.next().await,
        None => std::future::pending().await,
    }
}
