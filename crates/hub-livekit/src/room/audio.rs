//! The sound of a remote track.

use crate::sound::{Frame, ReceiverStatistics};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// PCM of a remote track, in the format of [`super::RoomOptions::receiver`]. Dropping it refuses the sound, not
/// the subscription.
#[derive(Debug)]
pub struct AudioStream {
    frames: mpsc::Receiver<Frame>,
    statistics: Arc<Mutex<ReceiverStatistics>>,
}

impl AudioStream {
    pub(crate) const fn new(
        frames: mpsc::Receiver<Frame>,
        statistics: Arc<Mutex<ReceiverStatistics>>,
    ) -> Self {
        Self { frames, statistics }
    }

    /// The next frame, when it is due to be played; `None` when the track is gone. Half a second is kept for
    /// a reader that is late; what comes after that is lost.
    pub async fn next(&mut self) -> Option<Frame> {
        self.frames.recv().await
    }

    /// What happened to the track's packets so far; at most half a second old.
    #[must_use]
    pub fn statistics(&self) -> ReceiverStatistics {
        self.statistics.lock().unwrap_or_else(PoisonError::into_inner).to_owned()
    }
}
