//! A worker: a process that LiveKit hands rooms to.
//!
//! It keeps a websocket to the server's `/agent`, says how much it can still carry, is offered jobs, and
//! runs each with the handler it was started with. A job comes with a URL and a token; the handler joins
//! the room with them. Many jobs run in one process.
//!
//! - The load that the server sees is what this process can still carry: the server sends nothing to who
//!   says 0.7 or more, and says nothing of that either, so the load stays below while there is room.
//! - Nothing is refused in silence: each refusal is an [`Event`].
//! - While the server is away jobs go on, and how they ended is told when it is back. It is called again
//!   with growing pauses, which a connection that breaks at once does not shorten.
//! - A job whose worker died is not given to another by a server of one's own: [`Rescue`] does that.

mod backoff;
mod event;
mod job;
mod load;
mod options;
mod rescue;
mod run;
mod socket;
mod table;

use crate::{net, server};
pub use event::{Event, Refusal};
pub use job::{Job, Offer};
pub use options::{Kind, Options};
pub use rescue::{Rescue, Rescued};
pub use run::Worker;

/// Why a worker could not begin, or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server was not reached, or refused the worker.
    #[error("the LiveKit server was not reached")]
    Net(#[from] net::Error),
    /// The worker's token could not be made.
    #[error("the worker has no token")]
    Token(#[source] server::Error),
    /// The server did not answer as LiveKit does.
    #[error("the LiveKit server broke the agent protocol: {0}")]
    Protocol(String),
    /// The server said that this connection ends.
    #[error("the LiveKit server closed the connection: {0}")]
    Closed(String),
    /// What the caller gave cannot be used.
    #[error("{field} {limit}")]
    Invalid {
        /// What is wrong.
        field: &'static str,
        /// What it may be.
        limit: &'static str,
    },
}

impl Error {
    /// Whether calling again can help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Net(error) => error.is_transient(),
            Self::Closed(_) | Self::Protocol(_) => true,
            Self::Token(_) | Self::Invalid { .. } => false,
        }
    }
}
