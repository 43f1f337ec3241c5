//! What the server says.

use super::Session;
use super::tokens::AtHand;
use crate::net;
use crate::room::{Closed, Kind, Participant, Quality, Regions, RoomEvent, Speaker, Track};
use livekit_protocol as proto;
use proto::signal_response::Message;
use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Instant;

impl Session {
    pub(super) fn signal(&mut self, message: Message) {
        match message {
            Message::Offer(offer) => self.offered(offer),
            Message::Answer(answer) => self.answered(answer),
            Message::Trickle(trickle) => self.trickled(&trickle),
            Message::MediaSectionsRequirement(told) => self.required(told),
            Message::Update(update) => {
                self.participants(&update.participants);
                self.listen();
            }
            Message::TrackPublished(told) => self.published(told),
            Message::TrackUnpublished(told) => self.unpublish(&told.track_sid),
            Message::Mute(told) => {
                self.muted(&told.sid, told.muted);
                self.tell(RoomEvent::Muted { track: told.sid, muted: told.muted });
            }
            Message::SpeakersChanged(told) => {
                let speakers = told.speakers.into_iter().map(|speaker| Speaker {
                    sid: speaker.sid,
                    level: speaker.level,
                    active: speaker.active,
                });
                self.tell(RoomEvent::Speakers(speakers.collect()));
            }
            Message::ConnectionQuality(told) => {
                for update in told.updates {
                    let quality = quality(update.quality());
                    self.tell(RoomEvent::Quality { sid: update.participant_sid, quality });
                }
            }
            Message::RoomUpdate(told) => {
                let metadata = told.room.map(|room| room.metadata).unwrap_or_default();
                self.tell(RoomEvent::RoomChanged { metadata });
            }
            Message::RequestResponse(told) => {
                if let Some(told) = self.replied(told) {
                    self.tell(RoomEvent::Other(Box::new(Message::RequestResponse(told))));
                }
            }
            Message::Leave(leave) => self.asked_to_leave(&leave),
            // Signalling itself takes it for a resume.
            Message::RefreshToken(token) => self.token = AtHand::new(token, Instant::now()),
            // Signalling itself deals with these.
            Message::Pong(_) | Message::PongResp(_) | Message::Reconnect(_) => {}
            other => self.tell(RoomEvent::Other(Box::new(other))),
        }
    }

    fn asked_to_leave(&mut self, leave: &proto::LeaveRequest) {
        if let Some(regions) = leave.regions.as_ref().filter(|_| self.options.regions != Regions::Never) {
            let told = net::regions::told(regions, self.places.origin());
            self.regions(told);
        }
        if leave.action() == proto::leave_request::Action::Disconnect {
            self.end(Closed::Server(leave.reason()));
        } else {
            let resumable = leave.action() == proto::leave_request::Action::Resume;
            self.lose(format!("the server asks for a new connection: {:?}", leave.reason()), resumable);
        }
    }

    /// Takes what the server tells of participants, and tells what is new.
    pub(super) fn participants(&mut self, told: &[proto::ParticipantInfo]) {
        for told in told {
            let now = Participant::from(told);
            let (local, before) = self.read_roster(|roster| {
                (now.identity == roster.local.identity, roster.others.get(&now.identity).cloned())
            });
            let gone = told.state() == proto::participant_info::State::Disconnected;
            if local {
                self.ourselves(now);
            } else if gone {
                self.left(&now, before);
            } else {
                self.other(now, before);
            }
        }
    }

    fn ourselves(&mut self, now: Participant) {
        let before = self.write_roster(|roster| std::mem::replace(&mut roster.local, now.clone()));
        if differs(&before, &now) {
            self.tell(RoomEvent::ParticipantChanged(now));
        }
    }

    fn left(&mut self, now: &Participant, before: Option<Participant>) {
        // Somebody of the same identity came before the server told that this one is gone.
        let Some(before) = before.filter(|before| before.sid == now.sid) else { return };
        self.write_roster(|roster| roster.others.remove(&now.identity));
        self.departed(before);
    }

    /// Somebody is gone, with everything that was under way with them.
    pub(super) fn departed(&mut self, participant: Participant) {
        for sid in participant.tracks.keys() {
            self.listening.remove(sid);
            self.chosen.remove(sid);
        }
        self.streams.departed(&participant.identity);
        self.hang_up(&participant.identity);
        self.tell(RoomEvent::ParticipantLeft(participant));
    }

    fn other(&mut self, now: Participant, before: Option<Participant>) {
        self.write_roster(|roster| roster.others.insert(now.identity.clone(), now.clone()));
        let tracks = before.as_ref().map(|before| before.tracks.clone()).unwrap_or_default();
        match before {
            None => self.tell(RoomEvent::ParticipantJoined(now.clone())),
            Some(before) if differs(&before, &now) => {
                self.tell(RoomEvent::ParticipantChanged(now.clone()));
            }
            Some(_) => {}
        }
        self.tracks_of(&now, tracks);
    }

    fn tracks_of(&mut self, now: &Participant, mut before: HashMap<String, Track>) {
        let identity = &now.identity;
        for track in now.tracks.values() {
            let (identity, track) = (identity.clone(), track.clone());
            match before.remove(&track.sid) {
                None => {
                    let video = (track.kind == Kind::Video).then(|| track.sid.clone());
                    self.tell(RoomEvent::TrackPublished { identity, track });
                    if let Some(video) = video.filter(|_| self.options.auto_subscribe) {
                        // Else it would come, for nobody.
                        self.subscribe(video, false);
                    }
                }
                Some(was) if was.muted != track.muted => {
                    self.tell(RoomEvent::TrackMuted { identity, track });
                }
                Some(_) => {}
            }
        }
        for track in before.into_values() {
            self.listening.remove(&track.sid);
            self.chosen.remove(&track.sid);
            self.tell(RoomEvent::TrackUnpublished { identity: identity.clone(), track });
        }
    }

    pub(super) fn read_roster<T>(&self, read: impl FnOnce(&crate::room::Everybody) -> T) -> T {
        read(&self.roster.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn write_roster<T>(&self, write: impl FnOnce(&mut crate::room::Everybody) -> T) -> T {
        write(&mut self.roster.write().unwrap_or_else(PoisonError::into_inner))
    }
}

fn differs(before: &Participant, now: &Participant) -> bool {
    let before = (&before.name, &before.metadata, &before.attributes, &before.permission);
    before != (&now.name, &now.metadata, &now.attributes, &now.permission)
}

const fn quality(told: proto::ConnectionQuality) -> Quality {
    match told {
        proto::ConnectionQuality::Excellent => Quality::Excellent,
        proto::ConnectionQuality::Good => Quality::Good,
        proto::ConnectionQuality::Poor => Quality::Poor,
        proto::ConnectionQuality::Lost => Quality::Lost,
    }
}
