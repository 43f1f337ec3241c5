//! A way beside the sockets of UDP: a task that owns it, and what both sides know of each other.

use super::{Carrier, Datagram};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Notify, mpsc};

/// Packets that wait for a way that takes none; what comes after is lost, as on any network. A second of sound.
const WAITING: usize = 64;
/// More than all ways of a connection tell before that is read.
const NEWS: usize = 64;

/// Why a way beside UDP came to nothing, or ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The name of the server is not found.
    #[error("its name is not found: {0}")]
    Name(String),
    /// The connection could not be made, or broke.
    #[error("connection: {0}")]
    Connection(String),
    /// Its certificate is not what it should be, or TLS failed otherwise.
    #[error("TLS: {0}")]
    Tls(String),
    /// No answer in the time that was allowed.
    #[error("no answer in time")]
    Timeout,
    /// The TURN server refuses: the code and reason of STUN (RFC 8489, 14.8).
    #[error("it refuses us: {code}{}{reason}", if reason.is_empty() { "" } else { " " })]
    Refused {
        /// The code.
        code: u16,
        /// What it says, cut to 100 characters; many say nothing.
        reason: String,
    },
    /// What comes is none of the protocol that is spoken there.
    #[error("it speaks something else")]
    Protocol,
    /// It worked, and does no more.
    #[error("it ended")]
    Ended,
}

/// What a way tells.
#[derive(Debug)]
pub(crate) enum News {
    /// Packets can go, from that address.
    Open {
        path: u64,
        local: SocketAddr,
    },
    Ended {
        path: u64,
        cause: PathError,
    },
}

/// Where ways tell their news and put the packets that come.
#[derive(Debug, Clone)]
pub(crate) struct Inbox {
    /// Which peer connection the packets are for, as in [`Datagram::to`].
    pub(crate) to: usize,
    pub(crate) into: mpsc::Sender<Datagram>,
    pub(crate) news: mpsc::Sender<News>,
    /// Told when there are news.
    pub(crate) wake: Arc<Notify>,
}

/// Where packets for a way go: to whom, and what.
pub(crate) type Outbox = mpsc::Sender<(SocketAddr, Vec<u8>)>;

/// The side of a way's task. It ends soon after its [`Outbox`] was dropped.
#[derive(Debug)]
pub(crate) struct Ends {
    path: u64,
    inbox: Inbox,
    out: mpsc::Receiver<(SocketAddr, Vec<u8>)>,
}

/// The place for the news of one connection's ways.
pub(crate) fn news() -> (mpsc::Sender<News>, mpsc::Receiver<News>) {
    mpsc::channel(NEWS)
}

/// Both sides of a way of that number.
pub(crate) fn ends(path: u64, inbox: Inbox) -> (Outbox, Ends) {
    let (sender, out) = mpsc::channel(WAITING);
    (sender, Ends { path, inbox, out })
}

impl Ends {
    /// The next packet to send; `None` when nobody wants the way any more.
    pub(super) async fn wanted(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.out.recv().await
    }

    /// Waits for something, or until nobody wants the way any more. What was to be sent meanwhile is lost.
    pub(super) async fn unless_unwanted<T>(&mut self, waiting: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = waiting => Some(done),
            () = async { while self.out.recv().await.is_some() {} } => None,
        }
    }

    pub(super) async fn opened(&self, local: SocketAddr) {
        self.tell(News::Open { path: self.path, local }).await;
    }

    pub(super) async fn ended(&self, cause: PathError) {
        self.tell(News::Ended { path: self.path, cause }).await;
    }

    async fn tell(&self, news: News) {
        let _unwanted = self.inbox.news.send(news).await;
        self.inbox.wake.notify_one();
    }

    /// Gives a packet that came; it is lost where too many wait.
    pub(super) fn deliver(&self, carrier: Carrier, local: SocketAddr, remote: SocketAddr, bytes: Vec<u8>) {
        let datagram = Datagram { to: self.inbox.to, carrier, local, remote, bytes, at: Instant::now() };
        let _lost = self.inbox.into.try_send(datagram);
    }
}
