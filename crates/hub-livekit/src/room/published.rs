//! A track of ours.

use crate::error::{Error, Result};
use crate::session::{Command, Published};
use crate::sound::{Position, Pushed, QueueFull, Sender};
use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::mpsc::WeakSender;

/// An audio track that this participant has published.
#[derive(Debug)]
pub struct PublishedTrack {
    published: Published,
    commands: WeakSender<Command>,
}

impl PublishedTrack {
    pub(crate) const fn new(published: Published, commands: WeakSender<Command>) -> Self {
        Self { published, commands }
    }

    /// The server's name for the track; another one after the room had to be joined anew.
    #[must_use]
    pub fn sid(&self) -> String {
        self.published.sid()
    }

    /// Adds PCM to what is to be sent, all of it or nothing.
    ///
    /// # Errors
    /// The queue has no room for it.
    pub fn push(&self, samples: &[i16]) -> std::result::Result<Pushed, QueueFull> {
        let pushed = self.sender().push(samples, Instant::now());
        self.published.wake.notify_one();
        pushed
    }

    /// Throws away what waits to be sent.
    pub fn clear(&self) {
        self.sender().clear();
        self.published.wake.notify_one();
    }

    /// Stops sending, and keeps what waits.
    pub fn pause(&self) {
        self.sender().pause();
        self.published.wake.notify_one();
    }

    /// Goes on where it was paused.
    pub fn resume(&self) {
        self.sender().resume(Instant::now());
        self.published.wake.notify_one();
    }

    /// How far the sound is.
    #[must_use]
    pub fn position(&self) -> Position {
        self.sender().position()
    }

    /// Tells everybody that the track is muted, or is heard again. What is pushed meanwhile is played to nobody.
    ///
    /// # Errors
    /// [`Error::Closed`] after the end.
    pub async fn set_muted(&self, muted: bool) -> Result<()> {
        self.command(Command::Mute { track: self.published.sid(), muted }).await
    }

    /// Takes the track out of the room.
    ///
    /// # Errors
    /// [`Error::Closed`] after the end.
    pub async fn unpublish(self) -> Result<()> {
        self.command(Command::Unpublish { track: self.published.sid() }).await
    }

    async fn command(&self, command: Command) -> Result<()> {
        let commands = self.commands.upgrade().ok_or(Error::Closed)?;
        commands.send(command).await.map_err(|_| Error::Closed)
    }

    fn sender(&self) -> MutexGuard<'_, Sender> {
        self.published.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
