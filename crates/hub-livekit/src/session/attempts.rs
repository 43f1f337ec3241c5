//! Attempts to come back, each in a task of its own, so that the session goes on meanwhile.

use super::join::{self, Joined};
use super::places::Places;
use super::{Inputs, PUBLISHER, SUBSCRIBER, Session, UNWINDING, tokens};
use crate::error::Result;
use crate::net::{self, Reach};
use crate::transport::{Datagram, Sockets};
use livekit_protocol as proto;
use livekit_signaling::SignalError;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What became of an attempt.
pub(super) enum Outcome {
    Resumed(std::result::Result<Box<Resumed>, SignalError>),
    Rejoined(Result<Box<Joined>>, Places),
    /// Other servers by which the room can be reached.
    Regions(Vec<String>),
    /// A token that was asked for before it is needed.
    Renewed(Result<String>),
}

/// What a resume brings.
pub(super) struct Resumed {
    pub(super) answer: proto::ReconnectResponse,
    pub(super) moved: Option<Moved>,
}

/// Sockets of another address of this host, for each connection.
pub(super) struct Moved {
    pub(super) publisher: Sockets,
    pub(super) subscriber: Option<Sockets>,
}

/// Sockets of the addresses that this host has now, where those that are bound are others.
async fn moved(
    url: &str,
    reach: &Reach,
    bound: &[IpAddr],
    both: bool,
    into: &mpsc::Sender<Datagram>,
) -> Option<Moved> {
    let now = join::addresses(url, reach).await;
    let same = now.len() == bound.len() && now.iter().all(|address| bound.contains(address));
    if same || now.is_empty() {
        return None;
    }
    let publisher = Sockets::bind(&now, PUBLISHER, into).await;
    let subscriber = if both { Some(Sockets::bind(&now, SUBSCRIBER, into).await) } else { None };
    Some(Moved { publisher, subscriber })
}

impl Session {
    /// Asks for the same stay over another connection.
    pub(super) fn try_resume(&mut self) {
        let (client, outcomes) = (Arc::clone(self.signal.client()), self.outcomes.clone());
        let (url, reach) = self.places.current();
        let (url, into) = (url.to_owned(), self.into.clone());
        let bound = self.publisher.sockets.hosts();
        let both = self.subscriber.is_some();
        // Sockets of its own are what such a connection does without.
        let relays_alone = self.publisher.detours.relays_alone();
        self.resuming = true;
        self.attempts.spawn(async move {
            let reason = proto::ReconnectReason::RrSignalDisconnected;
            let resumed = match net::by(&reach, client.restart(reason)).await {
                Ok(answer) if relays_alone => Ok(Box::new(Resumed { answer, moved: None })),
                Ok(answer) => {
                    let moved = moved(&url, &reach, &bound, both, &into).await;
                    Ok(Box::new(Resumed { answer, moved }))
                }
                Err(cause) => Err(cause),
            };
            let _ended = outcomes.send(Outcome::Resumed(resumed)).await;
        });
    }

    /// Asks for a new stay, by a new token where the caller makes them, else by the last that the server gave.
    pub(super) fn try_rejoin(&mut self) {
        let (client, outcomes) = (Arc::clone(self.signal.client()), self.outcomes.clone());
        let (mut places, options, into) = (self.places.clone(), self.options.clone(), self.into.clone());
        let token = self.token.clone();
        self.attempts.spawn(async move {
            // The server takes a second stay of the same identity for an intruder.
            client.close().await;
            let rejoined = async {
                let token = tokens::fresh(options.tokens.as_ref(), &token).await?;
                join::enter(&mut places, &token, &options, &into).await.map(Box::new)
            };
            let rejoined = rejoined.await;
            let _ended = outcomes.send(Outcome::Rejoined(rejoined, places)).await;
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
            if let Outcome::Rejoined(Ok(joined), _) = outcome {
                let _late = tokio::time::timeout(UNWINDING, joined.client.close()).await;
            }
        }
        self.attempts.shutdown().await;
    }
}
