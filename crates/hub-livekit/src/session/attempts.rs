//! Attempts to come back, each in a task of its own, so that the session goes on meanwhile.

use super::join::{self, Joined};
use super::{Inputs, Session, UNWINDING};
use crate::error::{Error, Result};
use crate::room::PATIENCE;
use livekit_protocol as proto;
use livekit_signaling::SignalError;
use std::sync::Arc;

/// What became of an attempt.
pub(super) enum Outcome {
    Resumed(std::result::Result<proto::ReconnectResponse, SignalError>),
    Rejoined(Result<Box<Joined>>),
}

impl Session {
    /// Asks for the same stay over another connection.
    pub(super) fn try_resume(&mut self) {
        let (client, outcomes) = (Arc::clone(self.signal.client()), self.outcomes.clone());
        self.attempts.spawn(async move {
            let reason = proto::ReconnectReason::RrSignalDisconnected;
            let resumed = client.restart(reason).await;
            let _ended = outcomes.send(Outcome::Resumed(resumed)).await;
        });
    }

    /// Asks for a new stay, by a new token where the caller makes them, else by the last that the server gave.
    pub(super) fn try_rejoin(&mut self) {
        let (client, outcomes) = (Arc::clone(self.signal.client()), self.outcomes.clone());
        let (url, options, into) = (self.url.clone(), self.options.clone(), self.into.clone());
        self.attempts.spawn(async move {
            // The server takes a second stay of the same identity for an intruder.
            client.close().await;
            let rejoined = async {
                let token = match &options.tokens {
                    Some(tokens) => tokio::time::timeout(PATIENCE, tokens.token())
                        .await
                        .map_err(|_| Error::Timeout { what: "a new token", within: PATIENCE })?
                        .map_err(|cause| Error::Token(crate::net::chain(&*cause)))?,
                    None => client.token(),
                };
                join::join(&url, &token, &options, &into).await.map(Box::new)
            };
            let _ended = outcomes.send(Outcome::Rejoined(rejoined.await)).await;
        });
    }

    /// Waits for an attempt that is under way, so that nothing of it outlives the room.
    pub(super) async fn unwind(&mut self, inputs: &mut Inputs) {
        if self.attempts.is_empty() {
            return;
        }
        let late =
            tokio::time::timeout(UNWINDING, async { while self.attempts.join_next().await.is_some() {} });
        let _late = late.await;
        while let Ok(outcome) = inputs.outcomes.try_recv() {
            if let Outcome::Rejoined(Ok(joined)) = outcome {
                let _late = tokio::time::timeout(UNWINDING, joined.client.close()).await;
            }
        }
        self.attempts.shutdown().await;
    }
}
