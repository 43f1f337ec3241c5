//! The way back: the same stay in the room over a new connection, or a new stay with everything in it again.

use super::attempts::{Outcome, Resumed};
use super::early::Early;
use super::join::{Joined, Links, without};
use super::recovery::{Attempt, Recovery, Step};
use super::sections::Lacking;
use super::signalling::Signalling;
use super::tokens::AtHand;
use super::{Change, Inputs, Link, Session, media};
use crate::error::Error;
use crate::room::{Closed, RoomEvent};
use crate::transport::{Sockets, relays};
use livekit_protocol as proto;
use livekit_signaling::SignalError;
use proto::leave_request::Action;
use proto::signal_request::Message;
use std::collections::HashSet;
use std::time::Instant;

impl Session {
    /// Signalling or media is lost. What was lost in between is one loss.
    pub(super) fn lose(&mut self, cause: String, resumable: bool) {
        let now = Instant::now();
        match &mut self.recovery {
            None => {
                tracing::info!(%cause, "the connection to the room is lost");
                self.recovery = Some(Recovery::new(cause, now, self.options.give_up, resumable));
                self.tell(RoomEvent::Reconnecting);
            }
            Some(recovery) => {
                if !resumable {
                    recovery.forgotten();
                }
                if recovery.is_settling() {
                    recovery.failed(now);
                }
            }
        }
    }

    /// Does what the way back asks for, and tells when the next thing is.
    pub(super) fn recover(&mut self, now: Instant) -> Instant {
        let heard = self.subscriber.as_ref().is_none_or(|link| !link.described || link.stands(now));
        let media = heard && self.publisher.stands(now) && self.ways.stand();
        let Some(recovery) = &mut self.recovery else { return now + media::REST };
        if recovery.is_settling() && media {
            self.recovery = None;
            self.tell(RoomEvent::Reconnected);
            return now + media::REST;
        }
        match recovery.step(now) {
            Step::Wait(until) => until,
            Step::GiveUp => {
                let cause = format!("{}; no way back in {:?}", recovery.cause, self.options.give_up);
                self.end(Closed::Lost(cause));
                now
            }
            Step::Try(Attempt::Resume) => {
                self.try_resume();
                now + media::REST
            }
            Step::Try(Attempt::Rejoin) => {
                self.try_rejoin();
                now + media::REST
            }
        }
    }

    pub(super) fn tried(&mut self, outcome: Outcome, inputs: &mut Inputs) {
        self.resuming &= !matches!(outcome, Outcome::Resumed(_));
        match outcome {
            Outcome::Resumed(Ok(resumed)) => self.resumed(*resumed),
            Outcome::Rejoined(Ok(joined), places) => {
                self.places = places;
                self.rejoined(*joined, inputs);
            }
            Outcome::Regions(found) => self.regions(found),
            Outcome::Renewed(answer) => self.renewed(answer),
            Outcome::Resumed(Err(SignalError::LeaveRequest { reason, action: Action::Disconnect })) => {
                self.end(Closed::Server(reason));
            }
            Outcome::Resumed(Err(cause)) => {
                let forgotten =
                    matches!(cause, SignalError::LeaveRequest { .. } | SignalError::Handshake { .. });
                self.failed(&cause, forgotten);
                if let Some(recovery) = self.recovery.as_mut().filter(|recovery| recovery.is_vain())
                    && self.places.are_many()
                {
                    recovery.forgotten();
                }
            }
            // Without somebody who makes tokens the next attempt would have the same one.
            Outcome::Rejoined(Err(Error::Token(cause)), _) if self.options.tokens.is_none() => {
                self.end(Closed::Refused(cause));
            }
            Outcome::Rejoined(Err(cause), places) => {
                self.places = places;
                self.failed(&cause, true);
            }
        }
    }

    fn failed(&mut self, cause: &dyn std::error::Error, forgotten: bool) {
        let cause = without(&crate::net::chain(cause), &self.signal.client().token());
        tracing::info!(cause, "an attempt to come back to the room failed");
        if let Some(recovery) = &mut self.recovery {
            if forgotten {
                recovery.forgotten();
            }
            recovery.failed(Instant::now());
        }
    }

    fn resumed(&mut self, resumed: Resumed) {
        // Their passwords last for minutes, and less long than a room.
        self.relays = relays(&resumed.answer.ice_servers);
        if let Some(moved) = resumed.moved {
            self.publisher.moves_to(moved.publisher);
            if let Some((link, sockets)) = self.subscriber.as_mut().zip(moved.subscriber) {
                link.moves_to(sockets);
            }
        }
        let state = self.state();
        self.signal.resumed(state);
        // The answer to an offer that was under way comes no more.
        self.publisher.peer.forget_offer();
        let unanswered = self.offering.take();
        let again = unanswered.into_iter().filter(|change| !matches!(change, Change::Restart));
        // What was never described has nothing to be restarted.
        let restart = self.publisher.described.then_some(Change::Restart);
        for change in again.chain(restart) {
            self.changes.push_front(change);
        }
        self.negotiate();
        self.signal.standing();
        if let Some(recovery) = &mut self.recovery {
            recovery.standing(Instant::now());
        }
    }

    fn rejoined(&mut self, joined: Joined, inputs: &mut Inputs) {
        self.token = AtHand::new(joined.client.token(), Instant::now());
        self.signal = Signalling::new(joined.client);
        inputs.signals = joined.signals;
        self.connections_are(joined.links);
        for ours in &mut self.publications {
            (ours.mid, ours.info) = (None, None);
            self.signal.send(Message::AddTrack(ours.request.clone()));
            self.changes.push_back(Change::Begin(ours.cid.clone()));
        }
        self.greet(joined.answer);
        for (track, wanted) in self.chosen.clone() {
            self.subscribe(track, wanted);
        }
        if let Some(recovery) = &mut self.recovery {
            recovery.standing(Instant::now());
        }
    }

    /// The connections are others, and nothing of the old ones holds.
    fn connections_are(&mut self, links: Links) {
        (self.publisher, self.subscriber) = (links.publisher, links.subscriber);
        (self.lacking, self.early, self.subscribed) = (Lacking::default(), Early::default(), None);
        self.ways.are_new();
        self.sections.clear();
        self.listening.clear();
        self.changes.clear();
        self.offering = links.offered.is_some().then_some(Change::Channels);
        if links.offered.is_none() {
            self.changes.push_back(Change::Channels);
        }
        self.offer = links.offered.as_ref().map_or(0, |offered| offered.id);
        self.offered = links.offered;
    }

    /// Takes what a join says; who is not in it any more has left.
    pub(super) fn greet(&mut self, joined: proto::JoinResponse) {
        self.ways.answered(joined.subscriber_primary);
        self.relays = relays(&joined.ice_servers);
        let here: HashSet<&str> = joined.other_participants.iter().map(|other| &*other.identity).collect();
        let gone = self.write_roster(|roster| {
            roster.room = joined.room.as_ref().map(|room| room.name.clone()).unwrap_or_default();
            roster.local = joined.participant.as_ref().map(Into::into).unwrap_or_default();
            let gone: Vec<_> =
                roster.others.keys().filter(|other| !here.contains(other.as_str())).cloned().collect();
            gone.iter().filter_map(|identity| roster.others.remove(identity)).collect::<Vec<_>>()
        });
        for participant in gone {
            self.departed(participant);
        }
        self.participants(&joined.other_participants);
    }

    /// What this side holds of the stay.
    fn state(&self) -> proto::SyncState {
        let (offer, answer) = self.subscribed.clone().unzip();
        let tracks = self.publications.iter().filter_map(|ours| {
            let track = Some(ours.info.clone()?);
            Some(proto::TrackPublishedResponse { cid: ours.cid.clone(), track })
        });
        // Only what differs from the rule by which the room was joined.
        let rule = self.options.auto_subscribe;
        let differing = self.chosen.iter().filter(|(_, wanted)| **wanted != rule);
        proto::SyncState {
            answer,
            offer,
            subscription: Some(proto::UpdateSubscription {
                track_sids: differing.map(|(track, _)| track.clone()).collect(),
                subscribe: !rule,
                ..proto::UpdateSubscription::default()
            }),
            publish_tracks: tracks.collect(),
            ..proto::SyncState::default()
        }
    }
}

impl Link {
    /// This host has other addresses; a restart of ICE tells them to the server.
    fn moves_to(&mut self, sockets: Sockets) {
        tracing::info!(addresses = ?sockets.hosts(), "this host's addresses are others");
        self.peer.move_to(&sockets.addresses().collect::<Vec<_>>());
        (self.sockets, self.moved) = (sockets, true);
    }

    /// Media can flow, as far as one can tell.
    pub(super) fn stands(&self, now: Instant) -> bool {
        self.peer.is_connected() && !self.moved && now.saturating_duration_since(self.heard) < super::DEAD
    }
}
