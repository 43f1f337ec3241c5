//! One question and one answer of STUN (RFC 8489), over UDP or, in frames, over TCP.

use super::PATIENCE;
use crate::transport::Line;
use std::time::Duration;
use stun_types::message::{Message, TransactionId};
use tokio::time::{Instant, timeout_at};

/// The first pause before UDP is asked again; each later one is twice as long.
const AGAIN: Duration = Duration::from_millis(250);

/// The answer to a request, as bytes: one whose transaction is the request's.
pub(super) async fn ask(line: &mut Line, request: &[u8]) -> Result<Vec<u8>, String> {
    let transaction = Message::from_bytes(request).map_err(|cause| cause.to_string())?.transaction_id();
    let deadline = Instant::now() + PATIENCE;
    let mut pause = if line.is_stream() { PATIENCE } else { AGAIN };
    while Instant::now() < deadline {
        line.send(request).await.map_err(|cause| cause.to_string())?;
        let until = deadline.min(Instant::now() + pause);
        while let Ok(received) = timeout_at(until, line.receive()).await {
            let packet = received.map_err(|cause| cause.to_string())?;
            if answers(&packet, transaction) {
                return Ok(packet);
            }
        }
        pause *= 2;
    }
    Err("no answer in time".to_owned())
}

/// The server asks us too: those are not answers.
pub(super) fn answers(packet: &[u8], asked: TransactionId) -> bool {
    Message::from_bytes(packet)
        .is_ok_and(|message| message.is_response() && message.transaction_id() == asked)
}
