//! Messages of data channels.

use super::{Outgoing, Session};
use crate::error::Error;
use crate::room::{Deed, Message, RoomEvent};
use livekit_protocol as proto;
use prost::Message as _;
use proto::data_packet::Value;

/// Messages that wait for a channel.
const MANY: usize = 1_024;

impl Session {
    pub(super) fn queue(&mut self, outgoing: Outgoing) {
        if let Err(cause) = self.allowed(Deed::Send) {
            let _gone = outgoing.answer.send(Err(cause));
            return;
        }
        if self.outgoing.len() >= MANY {
            let _gone = outgoing.answer.send(Err(Error::Full));
            return;
        }
        self.outgoing.push_back(outgoing);
        self.flush();
    }

    /// Writes what waits, in order, as far as there is room.
    pub(super) fn flush(&mut self) {
        while let Some(next) = self.outgoing.front() {
            match self.publisher.peer.send(next.reliability, &next.bytes) {
                Ok(false) => return,
                written => {
                    let Some(next) = self.outgoing.pop_front() else { return };
                    let _gone = next.answer.send(written.map(|_| ()));
                }
            }
        }
    }

    pub(super) fn message(&mut self, reliable: bool, bytes: &[u8]) {
        let packet = match proto::DataPacket::decode(bytes) {
            Ok(packet) => packet,
            Err(cause) => return tracing::debug!(%cause, "a message cannot be read"),
        };
        self.packet(packet, reliable);
    }

    fn packet(&mut self, mut packet: proto::DataPacket, reliable: bool) {
        let identity = std::mem::take(&mut packet.participant_identity);
        let Some(value) = packet.value.take() else { return };
        if let Value::User(user) = value {
            let message = Message { topic: user.topic.unwrap_or_default(), payload: user.payload };
            return self.tell(RoomEvent::Data { identity, message, reliable });
        }
        let rest = self.streams(&identity, value).and_then(|value| self.calls(&identity, value));
        if let Some(value) = rest {
            packet.value = Some(value);
            packet.participant_identity = identity;
            self.tell(RoomEvent::Packet { packet: Box::new(packet), reliable });
        }
    }
}
