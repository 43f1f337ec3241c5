//! A participant in a room: [`Room::connect`].

mod audio;
mod call;
mod event;
mod options;
mod packets;
mod participant;
mod permission;
mod published;
mod stream;
mod transcription;

use crate::error::{Error, Result};
use crate::session::{self, Command};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

pub use crate::transport::{PathError, RelayTransport, Reliability};
pub use audio::AudioStream;
pub(crate) use call::response;
pub use call::{Call, CallError, Calls, LONGEST_PAYLOAD};
pub use event::{Closed, Message, Quality, RoomEvent, RoomEvents, Route, Speaker};
pub use livekit_protocol as protocol;
pub use options::{IceTransportPolicy, PublishOptions, Regions, RoomOptions, TokenSource, Tokens};
pub(crate) use packets::Packets;
pub(crate) use participant::Everybody;
pub use participant::{Kind, Participant, Source, Track};
pub use permission::Permission;
pub(crate) use permission::{Deed, check};
pub use published::PublishedTrack;
pub(crate) use stream::Kept;
pub use stream::{StreamError, StreamInfo, StreamOptions, StreamReader, StreamWriter};
pub use transcription::{TRANSCRIPTION_TOPIC, Transcription};

/// How long the server may take for what it is asked for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// The longest message of a data channel, which the server too allows.
pub const LONGEST_MESSAGE: usize = 60_000;

pub(crate) type Roster = Arc<RwLock<Everybody>>;

/// A participant in a room. Dropping it leaves the room; [`Room::leave`] also waits until that is done.
#[derive(Debug)]
pub struct Room {
    commands: mpsc::Sender<Command>,
    roster: Roster,
    session: JoinHandle<()>,
}

impl Room {
    /// Joins a room.
    ///
    /// # Errors
    /// [`Error::Token`] where the server refuses the token, [`Error::Net`] for a URL or TLS settings that cannot
    /// be used, [`Error::Connect`] and [`Error::Timeout`] where the server is not reached.
    pub async fn connect(url: &str, token: &str, options: RoomOptions) -> Result<(Self, RoomEvents)> {
        let started = session::start(url, token, options).await?;
        let room = Self { commands: started.commands, roster: started.roster, session: started.session };
        Ok((room, RoomEvents::new(started.events)))
    }

    /// The room's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.roster.read().unwrap_or_else(PoisonError::into_inner).room.clone()
    }

    /// This participant, as the server sees it.
    #[must_use]
    pub fn local(&self) -> Participant {
        self.roster.read().unwrap_or_else(PoisonError::into_inner).local.clone()
    }

    /// The others in the room.
    #[must_use]
    pub fn participants(&self) -> Vec<Participant> {
        let roster = self.roster.read().unwrap_or_else(PoisonError::into_inner);
        roster.others.values().cloned().collect()
    }

    /// Publishes an audio track, which is then fed by [`PublishedTrack::push`].
    ///
    /// # Errors
    /// [`Error::Sound`] for options that cannot be, [`Error::NotAllowed`] where the token allows no track of that
    /// source, [`Error::Timeout`] where the server does not take the track, [`Error::Closed`] after the end.
    pub async fn publish(&self, options: PublishOptions) -> Result<PublishedTrack> {
        let (answer, answered) = oneshot::channel();
        self.command(Command::Publish { options, answer }).await?;
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(answered) => {
                let published = answered.map_err(|_| Error::Closed)??;
                Ok(PublishedTrack::new(published, self.commands.downgrade()))
            }
            Err(_) => Err(Error::Timeout { what: "the publication of a track", within: PATIENCE }),
        }
    }

    /// Asks for a track of another participant, or to have it no more.
    ///
    /// # Errors
    /// [`Error::Closed`] after the end.
    pub async fn subscribe(&self, track: &str, wanted: bool) -> Result<()> {
        self.command(Command::Subscribe { track: track.to_owned(), wanted }).await
    }

    /// Sends a message to those participants, or to all when none is named.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] where the token allows no messages, [`Error::TooLarge`], [`Error::Full`],
    /// [`Error::Timeout`] where no channel opens, [`Error::Closed`].
    pub async fn send(&self, message: Message, reliability: Reliability, to: &[String]) -> Result<()> {
        let packet = message.into_packet(&self.local(), to);
        self.send_packet(packet, reliability).await
    }

    /// Sends a packet of LiveKit's protocol as it is: transcriptions, chat, and what is to come.
    ///
    /// # Errors
    /// Those of [`Room::send`].
    pub async fn send_packet(&self, packet: protocol::DataPacket, reliability: Reliability) -> Result<()> {
        self.packets(&[]).send_packet(&packet, reliability).await
    }

    /// Begins a text to those participants that is written as it comes.
    ///
    /// # Errors
    /// Those of [`Room::send`].
    pub async fn write_text(&self, options: StreamOptions) -> Result<StreamWriter> {
        StreamWriter::open(self.packets(&options.to), options, true).await
    }

    /// Begins bytes to those participants that are written as they come.
    ///
    /// # Errors
    /// Those of [`Room::send`].
    pub async fn write_bytes(&self, options: StreamOptions) -> Result<StreamWriter> {
        StreamWriter::open(self.packets(&options.to), options, false).await
    }

    /// Sends a text of any length.
    ///
    /// # Errors
    /// Those of [`Room::send`].
    pub async fn send_text(&self, text: &str, options: StreamOptions) -> Result<()> {
        let total_bytes = Some(text.len() as u64);
        let mut stream = self.write_text(StreamOptions { total_bytes, ..options }).await?;
        stream.write(text.as_bytes()).await?;
        stream.end().await
    }

    /// Sends bytes of any length.
    ///
    /// # Errors
    /// Those of [`Room::send`].
    pub async fn send_bytes(&self, bytes: &[u8], options: StreamOptions) -> Result<()> {
        let total_bytes = Some(bytes.len() as u64);
        let mut stream = self.write_bytes(StreamOptions { total_bytes, ..options }).await?;
        stream.write(bytes).await?;
        stream.end().await
    }

    /// Tells those participants, or everybody, what was said.
    ///
    /// # Errors
    /// Those of [`Room::send`].
    pub async fn transcribe(&self, said: &Transcription, to: &[String]) -> Result<()> {
        self.send_text(&said.text, said.options(to)).await
    }

    /// Answers calls of a method from now on. Who answered them before does so no more.
    ///
    /// # Errors
    /// [`Error::Closed`] after the end.
    pub async fn serve(&self, method: &str) -> Result<Calls> {
        /// Calls that wait for who answers them; more are refused.
        const WAITING: usize = 64;
        let (calls, called) = mpsc::channel(WAITING);
        self.command(Command::Serve { method: method.to_owned(), calls }).await?;
        Ok(Calls::new(called))
    }

    /// Calls a method of a participant and waits for the answer, at most `within`.
    ///
    /// # Errors
    /// [`CallError`] with a code of LiveKit's, or of the one who was called.
    pub async fn call(
        &self,
        to: &str,
        method: &str,
        payload: &str,
        within: Duration,
    ) -> std::result::Result<String, CallError> {
        call::call(self, to, method, payload, within).await
    }

    fn packets(&self, to: &[String]) -> Packets {
        Packets::new(self.commands.downgrade(), self.local().identity, to.to_vec())
    }

    /// Changes this participant's attributes. An empty value removes one.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] where the token does not allow it, [`Error::Closed`] after the end.
    pub async fn set_attributes(&self, attributes: impl IntoIterator<Item = (String, String)>) -> Result<()> {
        let attributes = attributes.into_iter().collect();
        check(self.local().permission.as_ref(), Deed::ChangeItself)?;
        self.command(Command::Update { metadata: None, attributes }).await
    }

    /// Changes this participant's metadata.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] where the token does not allow it, [`Error::Closed`] after the end.
    pub async fn set_metadata(&self, metadata: &str) -> Result<()> {
        let attributes = std::collections::HashMap::new();
        check(self.local().permission.as_ref(), Deed::ChangeItself)?;
        self.command(Command::Update { metadata: Some(metadata.to_owned()), attributes }).await
    }

    /// Leaves the room and waits until nothing of it runs any more.
    pub async fn leave(self) {
        let Self { commands, session, .. } = self;
        let _closed = commands.send(Command::Leave).await;
        drop(commands);
        let _ended = session.await;
    }

    async fn command(&self, command: Command) -> Result<()> {
        self.commands.send(command).await.map_err(|_| Error::Closed)
    }
}
