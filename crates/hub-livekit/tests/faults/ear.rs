//! Who speaks, and who hears it: a tone without pause, and the moments in which it is heard.

use crate::SOON;
use crate::support::Live;
use hub_livekit::room::{AudioStream, PublishOptions};
use hub_livekit::{Room, RoomEvent, RoomEvents, RoomOptions};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

pub(crate) async fn join(live: &Live, url: &str, room: &str, identity: &str) -> (Room, RoomEvents) {
    let token = live.token(room, identity);
    Room::connect(url, &token, RoomOptions::new().unwrap()).await.unwrap()
}

/// A tone of 440 Hz that goes on until the value goes.
pub(crate) struct Mouth(JoinHandle<()>);

impl Mouth {
    pub(crate) async fn open(room: &Room) -> Self {
        let track = room.publish(PublishOptions::new("tone", 48_000, 1).unwrap()).await.unwrap();
        let wave = |at: u64| (std::f64::consts::TAU * 440.0 * at as f64 / 48_000.0).sin();
        Self(tokio::spawn(async move {
            let mut pushed = 0;
            loop {
                while track.position().queued < 9_600 {
                    let samples: Vec<i16> =
                        (pushed..pushed + 960).map(|at| (8_000.0 * wave(at)) as i16).collect();
                    track.push(&samples).unwrap();
                    pushed += 960;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }))
    }
}

impl Drop for Mouth {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The moments in which something loud was heard.
#[derive(Clone, Default)]
pub(crate) struct Moments(Arc<Mutex<Vec<Instant>>>);

impl Moments {
    pub(crate) async fn listen(&self, mut audio: AudioStream) {
        while let Some(frame) = audio.next().await {
            // What is concealed is made up here.
            if frame.concealed.is_zero() && frame.samples.iter().any(|sample| sample.unsigned_abs() > 2_000) {
                self.0.lock().unwrap().push(Instant::now());
            }
        }
    }

    /// Waits until something is heard after that moment, and tells when.
    pub(crate) async fn after(&self, moment: Instant) -> Instant {
        let waiting = async {
            loop {
                if let Some(heard) = self.0.lock().unwrap().iter().find(|heard| **heard > moment) {
                    return *heard;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(SOON, waiting).await.expect("something is heard")
    }

    /// The longest time in which nothing was heard, from that moment on.
    pub(crate) fn longest_silence(&self, from: Instant) -> Duration {
        let moments = self.0.lock().unwrap();
        let heard: Vec<Instant> = moments.iter().filter(|heard| **heard >= from).copied().collect();
        let pairs = std::iter::once(from).chain(heard.iter().copied()).zip(&heard);
        pairs.map(|(before, after)| after.duration_since(before)).max().unwrap_or_default()
    }
}

/// Hears everything in a room until the value goes.
pub(crate) struct Ear {
    pub(crate) moments: Moments,
    listening: JoinHandle<()>,
}

impl Ear {
    pub(crate) fn open(room: Room, mut events: RoomEvents) -> Self {
        let moments = Moments::default();
        let ours = moments.clone();
        let listening = tokio::spawn(async move {
            let _room = room;
            let mut streams = tokio::task::JoinSet::new();
            while let Some(event) = events.next().await {
                if let RoomEvent::TrackSubscribed { audio, .. } = event {
                    let moments = ours.clone();
                    streams.spawn(async move { moments.listen(audio).await });
                }
            }
        });
        Self { moments, listening }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.listening.abort();
    }
}
