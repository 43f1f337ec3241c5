//! Sound and packets, in and out.

use super::detours::Search;
use super::{Link, PUBLISHER, SUBSCRIBER, Session};
use crate::error::Result;
use crate::room::{AudioStream, Kind, RoomEvent, Track};
use crate::sound::{Frame, Packet, Receiver, ReceiverStatistics};
use crate::transport::Happening;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Frames of 10 ms that wait for a reader that is late.
const FRAMES: usize = 50;
/// A connection that stands is looked at no more often for its own sake: what it then has to do at a certain
/// time, reports and checks, may be so late, and mostly goes with sound that is due anyhow.
const LEISURE: Duration = Duration::from_millis(10);
/// The longest time in which nothing is looked at.
pub(super) const REST: Duration = Duration::from_millis(500);

/// A remote track that is heard.
pub(super) struct Listening {
    identity: String,
    track: String,
    receiver: Receiver,
    frames: mpsc::Sender<Frame>,
    statistics: Arc<Mutex<ReceiverStatistics>>,
    told: Instant,
    /// When a packet came last.
    heard: Instant,
    /// Since when nothing comes, where that was told.
    silent: bool,
}

impl Session {
    /// Does everything that is due, and tells when the next thing is.
    pub(super) fn drive(&mut self, now: Instant) -> Result<Instant> {
        let spoken = self.speak(now)?;
        let searched = self.search(true, now)?.min(self.search(false, now)?);
        let publisher = self.drive_link(true, now)?;
        let subscriber = self.drive_link(false, now)?;
        self.flush();
        let after = self.drive_link(true, now)?;
        let heard = self.hear(now);
        if self.ways.stand_for_the_first_time() {
            self.tell(RoomEvent::Connected);
        }
        let lost = |link: &Link| link.sockets.lost();
        if let Some(address) = lost(&self.publisher).or_else(|| self.subscriber.as_ref().and_then(lost)) {
            self.silenced(&format!("this host has the address {address} no more"));
        }
        let dead = |link: &Link| link.peer.is_connected() && !link.stands(now);
        if dead(&self.publisher) || self.subscriber.as_ref().is_some_and(dead) {
            self.silenced("nothing comes from the network any more");
        }
        Ok([spoken, searched, publisher, subscriber, after, heard].into_iter().min().unwrap_or(now))
    }

    /// Looks for ways beside UDP where one is needed, and tells when to look again.
    fn search(&mut self, publisher: bool, now: Instant) -> Result<Instant> {
        let (link, to) = match (publisher, &mut self.subscriber) {
            (true, _) => (&mut self.publisher, PUBLISHER),
            (false, Some(subscriber)) => (subscriber, SUBSCRIBER),
            (false, None) => return Ok(now + REST),
        };
        let search = Search {
            now,
            to,
            relays: &self.relays,
            tls: &self.options.tls,
            into: &self.into,
            wake: &self.wake,
            heard: link.heard,
        };
        let found = link.detours.search(&mut *link.peer, &search)?;
        found.events.into_iter().for_each(|event| self.tell(event));
        if let Some(cause) = found.broken {
            self.silenced(&format!("the way that media took is no more: {cause}"));
        }
        Ok(found.until.unwrap_or(now + REST))
    }

    /// Media is lost, unless that is known already.
    fn silenced(&mut self, cause: &str) {
        if self.recovery.is_none() {
            self.lose(cause.to_owned(), true);
        }
    }

    /// Sends what is due of each track of ours, and tells when the next is. Sound waits for its way to stand.
    fn speak(&mut self, now: Instant) -> Result<Instant> {
        let mut next = now + REST;
        if !self.publisher.peer.is_connected() {
            return Ok(next);
        }
        for ours in &self.publications {
            let Some(mid) = ours.mid.as_ref().filter(|mid| self.publisher.peer.is_sending(mid)) else {
                continue;
            };
            let mut sender = ours.published.sender.lock().unwrap_or_else(PoisonError::into_inner);
            while let Some(due) = sender.due() {
                if due > now {
                    next = next.min(due);
                    break;
                }
                let payload = sender.poll(now).filter(|_| !ours.request.muted);
                if let Some(payload) = payload {
                    self.publisher.peer.write(mid, payload, now)?;
                }
            }
        }
        Ok(next)
    }

    fn drive_link(&mut self, publisher: bool, now: Instant) -> Result<Instant> {
        loop {
            let Some(link) = self.link(publisher) else { return Ok(now + REST) };
            match link.peer.poll()? {
                Happening::Idle(at) if at <= now => link.peer.tick(now)?,
                Happening::Idle(at) if link.peer.is_connected() => return Ok(at.max(now + LEISURE)),
                Happening::Idle(at) => return Ok(at),
                Happening::Transmit { carrier, from, to, bytes } => {
                    if let Some(route) = link.transmit(carrier, from, to, bytes) {
                        self.tell(RoomEvent::Route { sending: publisher, route });
                    }
                }
                Happening::Disconnected => self.silenced("ICE lost its way"),
                Happening::Open { reliable } => self.ways.opened(publisher, reliable),
                Happening::Message { reliable, bytes } => self.message(reliable, &bytes),
                Happening::Sound { mid, sequence, timestamp, payload, red, arrived } => {
                    let packet = Packet { sequence, timestamp, payload: &payload, arrived };
                    let track = self.sections.get(&mid);
                    if let Some(listening) = track.and_then(|track| self.listening.get_mut(track)) {
                        listening.receiver.push(packet, red);
                        listening.heard = arrived;
                    }
                }
            }
        }
    }

    /// Gives the frames that are due, and tells when the next one is.
    fn hear(&mut self, now: Instant) -> Instant {
        let mut next = now + REST;
        let mut changed = Vec::new();
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
            if now.saturating_duration_since(listening.told) >= REST {
                listening.told = now;
                *listening.statistics.lock().unwrap_or_else(PoisonError::into_inner) =
                    listening.receiver.statistics();
            }
            let quiet = now.saturating_duration_since(listening.heard);
            if (quiet >= self.options.silence) != listening.silent {
                listening.silent = !listening.silent;
                changed.push((listening.identity.clone(), listening.track.clone(), listening.silent));
            }
        }
        for (identity, track, silent) in changed {
            self.tell(RoomEvent::TrackSilent { identity, track, silent });
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
        let now = Instant::now();
        let listening = Listening {
            identity: identity.clone(),
            track: track.sid.clone(),
            receiver,
            frames,
            statistics,
            told: now,
            heard: now,
            silent: false,
        };
        self.listening.insert(track.sid.clone(), listening);
        self.tell(RoomEvent::TrackSubscribed { identity, track, audio });
    }

    pub(super) fn find_track(&self, sid: &str) -> Option<(String, Track)> {
        self.read_roster(|roster| {
            roster
                .others
                .values()
                .find_map(|other| other.tracks.get(sid).map(|track| (other.identity.clone(), track.clone())))
        })
    }
}
