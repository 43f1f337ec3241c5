//! A participant of ours that speaks without pause, and what it hears.

use crate::speech::{RATE, Speech};
use crate::support::Live;
use hub_livekit::room::{AudioStream, PublishOptions};
use hub_livekit::{Room, RoomEvent, RoomEvents, RoomOptions};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Samples that wait in the queue: a tenth of a second.
const AHEAD: u64 = RATE as u64 / 10;

/// In a room; it stops speaking when the value goes.
pub struct Speaker {
    pub room: Room,
    pub events: RoomEvents,
    speaking: JoinHandle<()>,
}

impl Speaker {
    pub async fn join(live: &Live, url: &str, room: &str, identity: &str, speech: &Speech) -> Self {
        let token = live.token(room, identity);
        Self::speak(url, &token, RoomOptions::new().unwrap(), speech).await
    }

    pub async fn speak(url: &str, token: &str, options: RoomOptions, speech: &Speech) -> Self {
        let (room, events) = Room::connect(url, token, options).await.unwrap();
        let track = room.publish(PublishOptions::new("speech", RATE, 1).unwrap()).await.unwrap();
        let samples = speech.seconds(30);
        let speaking = tokio::spawn(async move {
            let mut tick = tokio::time::interval(Duration::from_millis(20));
            for piece in samples.chunks_exact(480).cycle() {
                tick.tick().await;
                while track.position().queued > AHEAD {
                    tick.tick().await;
                }
                track.push(piece).unwrap();
            }
        });
        Self { room, events, speaking }
    }

    /// The sound of the other.
    pub async fn hear(&mut self) -> AudioStream {
        loop {
            match self.events.next().await {
                Some(RoomEvent::TrackSubscribed { audio, .. }) => return audio,
                Some(RoomEvent::Closed(cause)) => panic!("the room ended: {cause:?}"),
                None => panic!("the room ended"),
                Some(_) => {}
            }
        }
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.speaking.abort();
    }
}
