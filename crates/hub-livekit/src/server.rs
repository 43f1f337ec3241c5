//! What a server of ours asks of LiveKit: tokens for participants, rooms, the dispatch of agents, webhooks.
//!
//! ```
//! use hub_livekit::server::{Join, Keys};
//!
//! let keys = Keys::new("APIkey", "a secret of at least thirty-two bytes")?;
//! let token = keys.join(&Join::new("kitchen", "speaker-1").microphone().data())?;
//! assert_eq!(token.split('.').count(), 3);
//! # Ok::<(), hub_livekit::server::Error>(())
//! ```
//!
//! Answers are LiveKit's own messages, from `livekit-protocol`.

mod call;
mod dispatch;
mod keys;
mod rooms;
mod token;
mod webhook;

use crate::net;
pub use call::Server;
pub use dispatch::Dispatches;
pub use keys::Keys;
pub use livekit_protocol as protocol;
pub use rooms::{NewRoom, Rooms};
pub use token::Join;
pub use webhook::Webhooks;

/// Why a request to a LiveKit server, or something made for it, failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server was not reached, or did not answer as LiveKit does.
    #[error("the LiveKit server was not reached")]
    Net(#[from] net::Error),
    /// The server refused; the code is one of Twirp's, such as `not_found` or `permission_denied`.
    #[error("the LiveKit server refused: {code}: {message}")]
    Refused {
        /// Twirp's code.
        code: String,
        /// What the server says.
        message: String,
    },
    /// The server's answer cannot be read.
    #[error("the LiveKit server's answer cannot be read: {0}")]
    Answer(String),
    /// What the caller gave cannot be used.
    #[error("{field} {limit}")]
    Invalid {
        /// What is wrong.
        field: &'static str,
        /// What it may be.
        limit: &'static str,
    },
    /// A token could not be made.
    #[error("the token cannot be made: {0}")]
    Token(String),
    /// A webhook was not sent by the server, or was changed on its way.
    #[error("the webhook is not the server's: {0}")]
    Webhook(String),
}

impl Error {
    /// Whether the server says that what was named does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "not_found")
    }

    /// Whether the same call can succeed later without a change.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Net(error) => error.is_transient(),
            Self::Refused { code, .. } => {
                ["unavailable", "deadline_exceeded", "aborted", "resource_exhausted"].contains(&code.as_str())
            }
            _ => false,
        }
    }
}
