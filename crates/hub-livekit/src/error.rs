//! Why a call of a room failed.

use crate::net;
use crate::sound::{QueueFull, SoundError};
use std::time::Duration;

/// What a call of a room answers.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call of a room failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server cannot be reached as the URL and TLS settings say.
    #[error("the server cannot be reached")]
    Net(#[from] net::Error),
    /// The server refuses the token: it is expired, of another key, or without the right to join.
    #[error("the server refuses the token: {0}")]
    Token(String),
    /// No connection of signalling came about.
    #[error("no connection to the server: {0}")]
    Connect(String),
    /// The server did not do in time what it was asked for.
    #[error("nothing came of {what} in {within:?}")]
    Timeout {
        /// What was waited for.
        what: &'static str,
        /// How long.
        within: Duration,
    },
    /// The server does not let this participant do it: its token does not, or what the token allowed was taken
    /// back. The room goes on.
    #[error("this participant is not allowed {what}")]
    NotAllowed {
        /// What was wanted.
        what: &'static str,
    },
    /// The room was left or lost; nothing more can be done in it.
    #[error("the room is closed")]
    Closed,
    /// The server said something that cannot be followed.
    #[error("protocol: {0}")]
    Protocol(String),
    /// Media cannot be sent or received.
    #[error("transport: {0}")]
    Transport(String),
    /// Too much is waiting to be sent.
    #[error("too much is waiting to be sent")]
    Full,
    /// More than a message may hold.
    #[error("{bytes} bytes are more than the {limit} that a message may hold")]
    TooLarge {
        /// What was given.
        bytes: usize,
        /// What is allowed.
        limit: usize,
    },
    /// Settings of sound that cannot be.
    #[error("sound")]
    Sound(#[from] SoundError),
    /// The queue of a published track has no room.
    #[error("the queue of the track is full")]
    Queue(#[from] QueueFull),
}
