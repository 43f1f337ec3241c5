//! Sound and packets, in and out.

use super::{Link, Session};
use crate::error::Result;
use crate::room::{AudioStream, Kind, RoomEvent, Track};
use crate::sound::{Frame, Packet, Receiver, ReceiverStatistics};
use crate::transport::Happening;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Frames of 10 ms that wait for a reader that is late.
const FRAMES: usize = 50;
/// The longest time in which nothing is looked at.
const REST: Duration = Duration::from_millis(500);

/// A remote track that is heard.
pub(super) struct Listening {
    receiver: Receiver,
    frames: mpsc::Sender<Frame>,
    statistics: Arc<Mutex<ReceiverStatistics>>,
    told: Instant,
}

impl Session {
    /// Does everything that is due, and tells when the next thing is.
    pub(super) fn drive(&mut self, now: Instant) -> Result<Instant> {
        self.speak(now)?;
        let publisher = self.drive_link(true, now)?;
        let subscriber = self.drive_link(false, now)?;
        self.flush();
        let after = self.drive_link(true, now)?;
        let heard = self.hear(now);
        let spoken = self
            .publications
            .iter()
            .filter_map(|ours| ours.published.sender.lock().unwrap_or_else(PoisonError::into_inner).due());
        let next = spoken.chain([publisher, subscriber, after, heard]).min().unwrap_or(now);
        Ok(next.min(now + REST))
    }

    /// Sends what is due of each track of ours.
    fn speak(&mut self, now: Instant) -> Result<()> {
        for ours in &self.publications {
            let mut sender = ours.published.sender.lock().unwrap_or_else(PoisonError::into_inner);
            while sender.due().is_some_and(|due| due <= now) {
                let Some(payload) = sender.poll(now) else { continue };
                if let Some(mid) = &ours.mid {
                    self.publisher.peer.write(mid, payload, now)?;
                }
            }
        }
        Ok(())
    }

    fn drive_link(&mut self, publisher: bool, now: Instant) -> Result<Instant> {
        loop {
            let link = if publisher { &mut self.publisher } else { &mut self.subscriber };
            match link.peer.poll()? {
                Happening::Idle(at) if at <= now => link.peer.tick(now)?,
                Happening::Idle(at) => return Ok(at),
                Happening::Transmit { from, to, bytes } => link.sockets.send(from, to, &bytes),
                Happening::Connected => link.connected = true,
                Happening::Disconnected => Link::lost(link, &mut self.lost),
                Happening::Open => {}
                Happening::Message { reliable, bytes } => self.message(reliable, &bytes),
                Happening::Sound { mid, sequence, timestamp, payload, red, arrived } => {
                    let packet = Packet { sequence, timestamp, payload: &payload, arrived };
                    let track = self.sections.get(&mid);
                    if let Some(listening) = track.and_then(|track| self.listening.get_mut(track)) {
                        listening.receiver.push(packet, red);
                    }
                }
            }
        }
    }

    /// Gives the frames that are due, and tells when the next one is.
    fn hear(&mut self, now: Instant) -> Instant {
        let mut next = now + REST;
        for listening in self.listening.values_mut() {
            while let Some(due) = listening.receiver.due() {
                if due > now {
                    next = next.min(due);
                    break;
                }
                if let Some(frame) = listening.receiver.pull(now) {
                    let _late = listening.frames.try_send(frame);
                }
            }
            if now.duration_since(listening.told) >= REST {
                listening.told = now;
                *listening.statistics.lock().unwrap_or_else(PoisonError::into_inner) =
                    listening.receiver.statistics();
            }
        }
        next
    }

    /// Begins to hear the tracks that the server's last offer has, and ends those that it has no more.
    pub(super) fn listen(&mut self) {
        let offered: Vec<String> = self.sections.values().cloned().collect();
        self.listening.retain(|track, _| offered.contains(track));
        for sid in offered {
            let known = self.find_track(&sid);
            let sound = known.filter(|(_, track)| track.kind == Kind::Audio);
            if let Some((identity, track)) = sound.filter(|_| !self.listening.contains_key(&sid)) {
                self.listen_to(identity, track);
            }
        }
    }

    fn listen_to(&mut self, identity: String, track: Track) {
        let receiver = match Receiver::new(self.options.receiver) {
            Ok(receiver) => receiver,
            Err(cause) => return tracing::warn!(%cause, "a track cannot be heard"),
        };
        let (frames, stream) = mpsc::channel(FRAMES);
        let statistics = Arc::default();
        let audio = AudioStream::new(stream, Arc::clone(&statistics));
        let listening = Listening { receiver, frames, statistics, told: Instant::now() };
        self.listening.insert(track.sid.clone(), listening);
        self.tell(RoomEvent::TrackSubscribed { identity, track, audio });
    }

    fn find_track(&self, sid: &str) -> Option<(String, Track)> {
        self.read_roster(|roster| {
            roster
                .others
                .values()
                .find_map(|other| other.tracks.get(sid).map(|track| (other.identity.clone(), track.clone())))
        })
    }
}

impl Link {
    /// ICE lost its way after it had found one.
    fn lost(link: &mut Self, lost: &mut Option<String>) {
        if std::mem::take(&mut link.connected) {
            lost.get_or_insert_with(|| "the network does not carry media any more".to_owned());
        }
    }
}
