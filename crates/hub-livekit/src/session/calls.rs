//! Calls, ours and of others.

use super::{Outgoing, Session, Waiting};
use crate::room::{Call, CallError, Packets, Reliability, response};
use livekit_protocol as proto;
use prost::Message as _;
use proto::data_packet::Value;
use proto::rpc_response;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;

/// The only version of calls that this participant says it knows.
const VERSION: u32 = 1;
/// Calls of ours that wait for an answer at the same time.
const MANY: usize = 1_024;

impl Session {
    pub(super) fn call(&mut self, to: String, id: String, waiting: Waiting) {
        // Whoever gave up waiting is forgotten.
        self.calling.retain(|_, (_, waiting)| !waiting.answer.is_closed());
        let known = self.read_roster(|roster| roster.others.contains_key(&to));
        if !known {
            let nobody = CallError::new(CallError::RECIPIENT_NOT_FOUND, "nobody of that identity is there");
            let _gone = waiting.answer.send(Err(nobody));
        } else if self.calling.len() >= MANY {
            let many = CallError::new(CallError::SEND_FAILED, "too many calls wait for an answer");
            let _gone = waiting.answer.send(Err(many));
        } else {
            self.calling.insert(id, (to, waiting));
        }
    }

    /// What concerns calls is taken; anything else is given back.
    pub(super) fn calls(&mut self, identity: &str, value: Value) -> Option<Value> {
        match value {
            Value::RpcRequest(request) => self.called(identity, request),
            Value::RpcAck(told) => {
                let mine = self.calling.get_mut(&told.request_id).filter(|(to, _)| to == identity);
                if let Some(arrived) = mine.and_then(|(_, waiting)| waiting.acknowledged.take()) {
                    let _gone = arrived.send(());
                }
            }
            Value::RpcResponse(told) => {
                let mine = self.calling.get(&told.request_id).is_some_and(|(to, _)| to == identity);
                if mine && let Some((_, waiting)) = self.calling.remove(&told.request_id) {
                    let _gone = waiting.answer.send(answer(told.value));
                }
            }
            other => return Some(other),
        }
        None
    }

    fn called(&mut self, identity: &str, request: proto::RpcRequest) {
        let local = self.read_roster(|roster| roster.local.identity.clone());
        let packets = Packets::new(self.commands.clone(), local, vec![identity.to_owned()]);
        self.reply(&packets, Value::RpcAck(proto::RpcAck { request_id: request.id.clone() }));
        let refused = |code, text| Err(CallError::new(code, text));
        let (id, version) = (request.id.clone(), request.version);
        let answer = match self.methods.get(&request.method) {
            _ if version != VERSION => refused(CallError::UNSUPPORTED_VERSION, "the version is not known"),
            None => refused(CallError::UNSUPPORTED_METHOD, "there is no such method"),
            Some(calls) => match calls.try_send(Call::new(identity.to_owned(), request, packets.clone())) {
                Ok(()) => return,
                Err(TrySendError::Closed(call)) => {
                    call.forget();
                    refused(CallError::UNSUPPORTED_METHOD, "there is no such method")
                }
                Err(TrySendError::Full(call)) => {
                    call.forget();
                    refused(CallError::APPLICATION, "too many calls wait")
                }
            },
        };
        self.reply(&packets, response(&id, answer));
    }

    fn reply(&mut self, packets: &Packets, value: Value) {
        let bytes = packets.packet(value).encode_to_vec();
        let (answer, _unread) = oneshot::channel();
        self.queue(Outgoing { reliability: Reliability::Reliable, bytes, answer });
    }

    /// Nobody answers calls to a participant that is gone.
    pub(super) fn hang_up(&mut self, identity: &str) {
        for (_, (_, waiting)) in self.calling.extract_if(|_, (to, _)| to == identity) {
            let gone = CallError::new(CallError::RECIPIENT_DISCONNECTED, "the one who was called left");
            let _gone = waiting.answer.send(Err(gone));
        }
    }
}

fn answer(value: Option<rpc_response::Value>) -> Result<String, CallError> {
    match value {
        Some(rpc_response::Value::Payload(payload)) => Ok(payload),
        Some(rpc_response::Value::Error(error)) => {
            Err(CallError { code: error.code, message: error.message, data: error.data })
        }
        _ => Err(CallError::new(CallError::APPLICATION, "the answer cannot be read")),
    }
}
