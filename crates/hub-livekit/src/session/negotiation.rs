//! Offers and answers: one offer of ours at a time, and an answer to each of the server's.

use super::join::SLOTS;
use super::{Link, Session};
use crate::error::Result;
use crate::transport::tracks;
use livekit_protocol as proto;
use proto::signal_request::Message;
use std::time::Instant;

/// What the next offer is to change.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// The data channels are wanted.
    Channels,
    /// A track of that id begins.
    Begin(String),
    /// What is sent in that section ends.
    End(String),
    /// The network is another.
    Restart,
    /// Tracks of others come by other sections, and by so many more.
    Receive(u32),
}

impl Session {
    /// Offers the next change, unless an offer is on its way.
    pub(super) fn negotiate(&mut self) {
        while !self.publisher.peer.is_offering() {
            let Some(change) = self.changes.pop_front() else { return };
            match self.offer_for(change.clone()) {
                Ok(None) => {}
                Ok(Some(sdp)) => {
                    self.offering = Some(change);
                    self.send_offer(sdp);
                }
                Err(cause) => return self.lose(cause.to_string(), false),
            }
        }
    }

    fn offer_for(&mut self, change: Change) -> Result<Option<String>> {
        let peer = &mut self.publisher.peer;
        match change {
            Change::Channels if self.subscriber.is_none() => peer.offer_channels(SLOTS).map(Some),
            Change::Channels => peer.offer_channels(0).map(Some),
            Change::Receive(more) => peer.offer_receiving(more).map(Some),
            Change::End(mid) => Ok(peer.offer_end(&mid)),
            Change::Restart => Ok(peer.offer_restart()),
            Change::Begin(cid) => {
                let Some(ours) = self.publications.iter_mut().find(|ours| ours.cid == cid) else {
                    return Ok(None);
                };
                let (sdp, mid) = peer.offer_track(&cid)?;
                ours.mid = Some(mid);
                Ok(Some(sdp))
            }
        }
    }

    fn send_offer(&mut self, sdp: String) {
        self.offer += 1;
        let offer = description("offer", sdp, self.offer);
        self.offered = Some(offer.clone());
        self.signal.send(Message::Offer(offer));
    }

    /// The server lacks sections by which it could send, or has something else to say by the next answer.
    pub(super) fn required(&mut self, told: proto::MediaSectionsRequirement) {
        if self.subscriber.is_none()
            && let Some(more) = self.lacking.told(told.num_audios, told.num_videos)
        {
            self.changes.push_back(Change::Receive(more));
        }
    }

    pub(super) fn answered(&mut self, answer: proto::SessionDescription) {
        let stale = answer.id != 0 && answer.id != self.offer;
        if stale {
            return;
        }
        let joined = matches!(self.offering.take(), Some(Change::Channels));
        let now = Instant::now();
        let taken = self.publisher.peer.accept_answer(&answer.sdp, now);
        self.publisher.detours.described(&answer.sdp, now);
        let come = taken.is_ok() && self.subscriber.is_none();
        self.described(taken, true);
        if come {
            self.lacking.answered();
            self.come_by(&answer.sdp);
            self.subscribed = self.offered.clone().zip(Some(answer));
            if joined {
                self.early.joined(now);
            }
        }
    }

    /// Takes by which sections tracks of others come.
    fn come_by(&mut self, sdp: &str) {
        self.sections = tracks(sdp).into_iter().map(|offered| (offered.mid, offered.track)).collect();
        self.listen();
    }

    pub(super) fn offered(&mut self, offer: proto::SessionDescription) {
        // Where one connection carries both ways, the offers are ours.
        let Some(subscriber) = &mut self.subscriber else { return };
        let now = Instant::now();
        match subscriber.peer.accept_offer(&offer.sdp, now) {
            Ok(sdp) => {
                subscriber.detours.described(&offer.sdp, now);
                let answer = description("answer", sdp, offer.id);
                self.signal.send(Message::Answer(answer.clone()));
                self.described(Ok(()), false);
                self.come_by(&offer.sdp);
                self.subscribed = Some((offer, answer));
            }
            Err(cause) => self.described(Err(cause), false),
        }
    }

    /// A description of the server was taken; candidates that came before it can follow.
    fn described(&mut self, taken: Result<()>, publisher: bool) {
        let Some(link) = self.link(publisher) else { return };
        let mut result = taken;
        if result.is_ok() {
            link.described = true;
            for candidate in std::mem::take(&mut link.early) {
                result = result.and(link.add_candidate(&candidate));
            }
        }
        if let Err(cause) = result {
            self.lose(cause.to_string(), false);
        }
    }

    pub(super) fn trickled(&mut self, trickle: &proto::TrickleRequest) {
        /// More candidates than any server has.
        const MANY: usize = 256;
        let parsed = serde_json::from_str::<serde_json::Value>(&trickle.candidate_init);
        let Ok(parsed) = parsed else { return };
        let Some(candidate) = parsed.get("candidate").and_then(|text| text.as_str()) else { return };
        let publisher = trickle.target == i32::from(proto::SignalTarget::Publisher);
        let Some(link) = self.link(publisher) else { return };
        if link.described {
            let added = link.add_candidate(candidate);
            self.described(added, publisher);
        } else if link.early.len() < MANY {
            link.early.push(candidate.to_owned());
        }
    }
}

impl Link {
    fn add_candidate(&mut self, text: &str) -> Result<()> {
        self.detours.listens(text);
        self.peer.add_candidate(text, Instant::now())
    }
}

pub(super) fn description(kind: &str, sdp: String, id: u32) -> proto::SessionDescription {
    proto::SessionDescription { r#type: kind.to_owned(), sdp, id, ..proto::SessionDescription::default() }
}
