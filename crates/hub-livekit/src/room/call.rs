//! Calls between participants: LiveKit's RPC, version 1.

use super::Room;
use super::packets::Packets;
use crate::session::{Command, Waiting};
use livekit_protocol as proto;
use proto::data_packet::Value;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// The longest payload of a call or of an answer, in bytes.
pub const LONGEST_PAYLOAD: usize = 15 * 1_024;

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the call failed with code {code}: {message}")]
pub struct CallError {
    /// A code of LiveKit's, 1400 to 1599, or one of the one who was called.
    pub code: u32,
    /// What it means.
    pub message: String,
    /// More, from the one who was called.
    pub data: String,
}

impl CallError {
    /// The one who was called has no such method.
    pub const UNSUPPORTED_METHOD: u32 = 1400;
    /// There is nobody of that identity.
    pub const RECIPIENT_NOT_FOUND: u32 = 1401;
    /// The payload is longer than [`LONGEST_PAYLOAD`].
    pub const REQUEST_TOO_LARGE: u32 = 1402;
    /// The call is of a version that is not known here.
    pub const UNSUPPORTED_VERSION: u32 = 1404;
    /// The one who was called failed.
    pub const APPLICATION: u32 = 1500;
    /// The call did not arrive in time.
    pub const CONNECTION_TIMEOUT: u32 = 1501;
    /// No answer in time.
    pub const RESPONSE_TIMEOUT: u32 = 1502;
    /// The one who was called left.
    pub const RECIPIENT_DISCONNECTED: u32 = 1503;
    /// The answer is longer than [`LONGEST_PAYLOAD`].
    pub const RESPONSE_TOO_LARGE: u32 = 1504;
    /// The call could not be sent.
    pub const SEND_FAILED: u32 = 1505;

    /// An error of that code.
    #[must_use]
    pub fn new(code: u32, message: &str) -> Self {
        Self { code, message: message.to_owned(), data: String::new() }
    }
}

/// Calls of one method. Dropping it takes the method away.
#[derive(Debug)]
pub struct Calls {
    calls: mpsc::Receiver<Call>,
}

impl Calls {
    pub(crate) const fn new(calls: mpsc::Receiver<Call>) -> Self {
        Self { calls }
    }

    /// The next call; `None` when the room is closed or the method has been taken over.
    pub async fn next(&mut self) -> Option<Call> {
        self.calls.recv().await
    }
}

/// A call that waits for its answer. Dropping it answers that there is none.
#[derive(Debug)]
pub struct Call {
    /// Who calls.
    pub caller: String,
    /// What it says.
    pub payload: String,
    /// How long the caller waits.
    pub within: Duration,
    id: String,
    packets: Packets,
    answered: bool,
}

impl Call {
    pub(crate) fn new(caller: String, request: proto::RpcRequest, packets: Packets) -> Self {
        let within = Duration::from_millis(u64::from(request.response_timeout_ms));
        Self { caller, payload: request.payload, within, id: request.id, packets, answered: false }
    }

    /// Somebody else answers.
    pub(crate) fn forget(mut self) {
        self.answered = true;
    }

    /// Answers.
    ///
    /// # Errors
    /// Those of [`super::Room::send`].
    pub async fn answer(mut self, answer: Result<String, CallError>) -> crate::Result<()> {
        self.answered = true;
        let answer = answer.and_then(|payload| {
            let fits = payload.len() <= LONGEST_PAYLOAD;
            fits.then_some(payload)
                .ok_or_else(|| CallError::new(CallError::RESPONSE_TOO_LARGE, "the answer is too long"))
        });
        self.packets.send(response(&self.id, answer)).await
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.answered {
            let none = CallError::new(CallError::APPLICATION, "the call was not answered");
            self.packets.try_send(response(&self.id, Err(none)));
        }
    }
}

/// How long the one who is called may take to say that the call arrived.
const ARRIVAL: Duration = Duration::from_secs(7);

pub(super) async fn call(
    room: &Room,
    to: &str,
    method: &str,
    payload: &str,
    within: Duration,
) -> Result<String, CallError> {
    if payload.len() > LONGEST_PAYLOAD {
        return Err(CallError::new(CallError::REQUEST_TOO_LARGE, "the payload is too long"));
    }
    let failed = |cause: crate::Error| CallError::new(CallError::SEND_FAILED, &cause.to_string());
    let id = crate::session::unique("call").map_err(failed)?;
    let (acknowledged, arrived) = oneshot::channel();
    let (answer, answered) = oneshot::channel();
    let waiting = Waiting { acknowledged: Some(acknowledged), answer };
    let command = Command::Call { to: to.to_owned(), id: id.clone(), waiting };
    room.command(command).await.map_err(failed)?;
    let request = proto::RpcRequest {
        id,
        method: method.to_owned(),
        payload: payload.to_owned(),
        response_timeout_ms: u32::try_from(within.as_millis()).unwrap_or(u32::MAX),
        version: 1,
        ..proto::RpcRequest::default()
    };
    room.packets(&[to.to_owned()]).send(Value::RpcRequest(request)).await.map_err(failed)?;
    let deadline = Instant::now() + within;
    let mut answered = std::pin::pin!(answered);
    // An answer says that the call arrived, too; a gone sender, that its answer is there.
    tokio::select! {
        answer = &mut answered => return ended(answer),
        arrival = tokio::time::timeout(ARRIVAL.min(within), arrived) => if arrival.is_err() {
            return Err(CallError::new(CallError::CONNECTION_TIMEOUT, "the call did not arrive in time"));
        },
    }
    match tokio::time::timeout_at(deadline.into(), answered).await {
        Ok(answer) => ended(answer),
        Err(_) => Err(CallError::new(CallError::RESPONSE_TIMEOUT, "no answer in time")),
    }
}

fn ended(answer: Result<Result<String, CallError>, oneshot::error::RecvError>) -> Result<String, CallError> {
    answer.unwrap_or_else(|_| Err(CallError::new(CallError::SEND_FAILED, "the room is closed")))
}

/// The packet of an answer.
pub(crate) fn response(request: &str, answer: Result<String, CallError>) -> Value {
    let value = match answer {
        Ok(payload) => proto::rpc_response::Value::Payload(payload),
        Err(error) => proto::rpc_response::Value::Error(proto::RpcError {
            code: error.code,
            message: error.message,
            data: error.data,
        }),
    };
    Value::RpcResponse(proto::RpcResponse { request_id: request.to_owned(), value: Some(value) })
}
