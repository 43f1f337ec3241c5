//! The same stay in the room over a new connection of signalling.

use super::{Change, Inputs, Session};
use crate::room::{Closed, RoomEvent};
use livekit_protocol as proto;
use livekit_signaling::{SignalError, SignalEvent};
use proto::signal_request::Message;
use std::time::{Duration, Instant};

/// How long a resume is tried before the room is given up.
const GIVE_UP: Duration = Duration::from_secs(30);
/// The first pause between two attempts; each that follows is twice as long, up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Session {
    /// Tries until it works, the server says that it cannot, or [`GIVE_UP`] is over. Sound that is sent and
    /// heard by the old way goes on meanwhile only between attempts.
    pub(super) async fn resume(&mut self, cause: String, inputs: &mut Inputs) {
        self.tell(RoomEvent::Reconnecting);
        let deadline = Instant::now() + GIVE_UP;
        let mut pause = PAUSE;
        loop {
            match self.attempt().await {
                Ok(()) => break,
                Err(SignalError::LeaveRequest { reason, .. }) => return self.end(Closed::Server(reason)),
                Err(failed) if Instant::now() + pause >= deadline => {
                    return self.end(Closed::Lost(format!("{cause}; no way back in {GIVE_UP:?}: {failed}")));
                }
                Err(_) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                command = inputs.commands.recv() => match command {
                    None | Some(super::Command::Leave) => return self.end(Closed::Left),
                    Some(command) => self.command(command).await,
                },
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        self.tell(RoomEvent::Reconnected);
        // The end of the old socket may be told after the new one stands.
        while let Ok(signal) = inputs.signals.try_recv() {
            if let SignalEvent::Message(message) = signal {
                self.signal(*message).await;
            }
        }
    }

    async fn attempt(&mut self) -> Result<(), SignalError> {
        let reason = proto::ReconnectReason::RrSignalDisconnected;
        let _answer = self.signal.restart(reason).await?;
        self.signal.send(Message::SyncState(self.state())).await;
        self.changes.push_front(Change::Restart);
        self.negotiate().await;
        self.signal.set_reconnected().await;
        Ok(())
    }

    /// What this side holds of the stay.
    fn state(&self) -> proto::SyncState {
        let (offer, answer) = self.subscribed.clone().unzip();
        let tracks = self.publications.iter().filter_map(|ours| {
            let track = Some(ours.info.clone()?);
            Some(proto::TrackPublishedResponse { cid: ours.cid.clone(), track })
        });
        proto::SyncState {
            answer,
            offer,
            subscription: Some(proto::UpdateSubscription {
                track_sids: self.refused.clone(),
                subscribe: !self.options.auto_subscribe,
                ..proto::UpdateSubscription::default()
            }),
            publish_tracks: tracks.collect(),
            ..proto::SyncState::default()
        }
    }
}
