//! Packets of data channels on their way to the session.

use super::{LONGEST_MESSAGE, PATIENCE, Reliability};
use crate::error::{Error, Result};
use crate::session::Command;
use livekit_protocol as proto;
use prost::Message as _;
use proto::data_packet::Value;
use tokio::sync::mpsc::WeakSender;
use tokio::sync::oneshot;

/// The way to the data channels, for handles that must not keep the room open.
#[derive(Debug, Clone)]
pub(crate) struct Packets {
    commands: WeakSender<Command>,
    identity: String,
    to: Vec<String>,
}

impl Packets {
    pub(crate) const fn new(commands: WeakSender<Command>, identity: String, to: Vec<String>) -> Self {
        Self { commands, identity, to }
    }

    pub(crate) fn packet(&self, value: Value) -> proto::DataPacket {
        proto::DataPacket {
            participant_identity: self.identity.clone(),
            destination_identities: self.to.clone(),
            value: Some(value),
            ..proto::DataPacket::default()
        }
    }

    /// Sends, and waits until the channel has taken it.
    pub(crate) async fn send(&self, value: Value) -> Result<()> {
        self.send_packet(&self.packet(value), Reliability::Reliable).await
    }

    pub(crate) async fn send_packet(
        &self,
        packet: &proto::DataPacket,
        reliability: Reliability,
    ) -> Result<()> {
        let bytes = packet.encode_to_vec();
        if bytes.len() > LONGEST_MESSAGE {
            return Err(Error::TooLarge { bytes: bytes.len(), limit: LONGEST_MESSAGE });
        }
        let (answer, answered) = oneshot::channel();
        let commands = self.commands.upgrade().ok_or(Error::Closed)?;
        let command = Command::Send { reliability, bytes, answer };
        commands.send(command).await.map_err(|_| Error::Closed)?;
        drop(commands);
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(answered) => answered.map_err(|_| Error::Closed)?,
            Err(_) => Err(Error::Timeout { what: "the opening of a data channel", within: PATIENCE }),
        }
    }

    /// Sends from where nothing can be waited for; what finds no room is lost.
    pub(crate) fn try_send(&self, value: Value) {
        let bytes = self.packet(value).encode_to_vec();
        let (answer, _unread) = oneshot::channel();
        if let Some(commands) = self.commands.upgrade() {
            let _full =
                commands.try_send(Command::Send { reliability: Reliability::Reliable, bytes, answer });
        }
    }
}
