//! Attempts to come back, each in a task of its own, so that the session goes on meanwhile.

use super::join::{self, Joined};
use super::{Inputs, Session, UNWINDING, tokens};
use crate::error::Result;
use livekit_protocol as proto;
use livekit_signaling::SignalError;
use std::sync::Arc;

/// What became of an attempt.
pub(super) enum Outcome {
    Resumed(std::result::Result<(), SignalError>),
    Rejoined(Result<Box<Joined>>),
    /// A token that was asked for before it is needed.
    Renewed(Result<String>),
}

impl Session {
    /// Asks for the same stay over another connection.
    pub(super) fn try_resume(&mut self) {
        let (client, outcomes) = (Arc::clone(self.signal.client()), self.outcomes.clone());
        self.attempts.spawn(async move {
            let reason = proto::ReconnectReason::RrSignalDisconnected;
            let resumed = client.restart(reason).await.map(|_| ());
            let _ended = outcomes.send(Outcome::Resumed(resumed)).await;
        });
    }

    /// Asks for a new stay, by a new token where the caller makes them, else by the last that the server gave.
    pub(super) fn try_rejoin(&mut self) {
        let (client, outcomes) = (Arc::clone(self.signal.client()), self.outcomes.clone());
        let (url, options, into) = (self.url.clone(), self.options.clone(), self.into.clone());
        let token = self.token.clone();
        self.attempts.spawn(async move {
            // The server takes a second stay of the same identity for an intruder.
            client.close().await;
            let rejoined = async {
                let token = tokens::fresh(options.tokens.as_ref(), &token).await?;
                join::join(&url, &token, &options, &into).await.map(Box::new)
            };
            let _ended = outcomes.send(Outcome::Rejoined(rejoined.await)).await;
        });
    }

    /// Has something done beside everything else; it is broken off when the room ends.
    pub(super) fn errand(&mut self, errand: impl Future<Output = ()> + Send + 'static) {
        while self.errands.try_join_next().is_some() {}
        self.errands.spawn(errand);
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
