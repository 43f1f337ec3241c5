//! Signalling as the session uses it: what is said goes by a task of its own, so that a connection which
//! takes nothing holds up no sound.

use livekit_protocol as proto;
use livekit_signaling::{SignalClient, SignalEvent};
use proto::signal_request::Message;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Messages that wait for a connection which takes none.
const WAITING: usize = 1_024;
/// How long the last words may take; the client itself gives a socket that does not close three seconds.
const FAREWELL: Duration = Duration::from_secs(4);

enum Said {
    Message(Box<Message>),
    /// From here on the connection is as it was before it was lost.
    Standing,
}

/// A connection of signalling, and what waits to be said by it.
pub(super) struct Signalling {
    client: Arc<SignalClient>,
    said: mpsc::Sender<Said>,
    writer: JoinHandle<()>,
    connections: u32,
    closes: u32,
}

impl Signalling {
    pub(super) fn new(client: impl Into<Arc<SignalClient>>) -> Self {
        let client = client.into();
        let (said, waiting) = mpsc::channel(WAITING);
        let writer = tokio::spawn(write(Arc::clone(&client), waiting));
        Self { client, said, writer, connections: 1, closes: 0 }
    }

    pub(super) const fn client(&self) -> &Arc<SignalClient> {
        &self.client
    }

    /// Puts a message after those that wait; what does not fit is lost, and the connection then is too.
    pub(super) fn send(&self, message: Message) {
        if self.said.try_send(Said::Message(Box::new(message))).is_err() {
            tracing::warn!("more waits to be said to the server than is kept");
        }
    }

    /// The client has another connection by a resume: what it says of its state comes next.
    pub(super) fn resumed(&mut self, state: proto::SyncState) {
        self.connections += 1;
        self.send(Message::SyncState(state));
    }

    /// What waited for the end of a resume may follow.
    pub(super) fn standing(&self) {
        let _lost = self.said.try_send(Said::Standing);
    }

    /// What an event says; `None` for the end of a connection that another has followed already.
    pub(super) fn heard(&mut self, event: Option<SignalEvent>) -> Option<Heard> {
        match event {
            Some(SignalEvent::Message(message)) => Some(Heard::Message(message)),
            Some(SignalEvent::Close(cause)) => {
                // Each connection tells its end once.
                self.closes += 1;
                (self.closes >= self.connections).then(|| Heard::Lost(cause.into_owned()))
            }
            None => Some(Heard::Lost("signalling ended".to_owned())),
        }
    }

    /// Says farewell where there is something to say, and waits until the connection is closed.
    pub(super) async fn close(mut self, farewell: Option<Message>) {
        let last = async {
            if let Some(farewell) = farewell {
                self.client.send(farewell).await;
            }
        };
        let _late = tokio::time::timeout(FAREWELL, last).await;
        self.writer.abort();
        let _aborted = (&mut self.writer).await;
        let _late = tokio::time::timeout(FAREWELL, self.client.close()).await;
    }
}

impl Drop for Signalling {
    fn drop(&mut self) {
        self.writer.abort();
    }
}

/// What came by signalling.
pub(super) enum Heard {
    Message(Box<proto::signal_response::Message>),
    /// The connection ended.
    Lost(String),
}

async fn write(client: Arc<SignalClient>, mut waiting: mpsc::Receiver<Said>) {
    while let Some(said) = waiting.recv().await {
        match said {
            Said::Message(message) => client.send(*message).await,
            Said::Standing => client.set_reconnected().await,
        }
    }
}
