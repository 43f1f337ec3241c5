//! Tracks of ours, and which of the others' are wanted.

use super::{Change, Publication, Published, Session};
use crate::error::{Error, Result};
use crate::room::{Deed, Kind, PublishOptions, RoomEvent, Source, check};
use crate::sound::Sender;
use livekit_protocol as proto;
use proto::signal_request::Message;
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

impl Session {
    pub(super) fn publish(&mut self, options: PublishOptions, answer: oneshot::Sender<Result<Published>>) {
        match self.publication(options) {
            Ok(mut ours) => {
                ours.answer = Some(answer);
                self.signal.send(Message::AddTrack(ours.request.clone()));
                self.changes.push_back(Change::Begin(ours.cid.clone()));
                self.publications.push(ours);
            }
            Err(cause) => {
                let _gone = answer.send(Err(cause));
            }
        }
    }

    fn publication(&self, options: PublishOptions) -> Result<Publication> {
        self.allowed(Deed::Publish(options.source))?;
        let cid = unique("hub")?;
        let stereo = options.sender.format.channels() == 2;
        let stereo = stereo.then_some(proto::AudioTrackFeature::TfStereo.into());
        let constant = (!options.sender.dtx).then_some(proto::AudioTrackFeature::TfNoDtx.into());
        let request = proto::AddTrackRequest {
            cid: cid.clone(),
            name: options.name,
            r#type: proto::TrackType::Audio.into(),
            source: options.source.wire().into(),
            disable_red: options.sender.red_distance == 0,
            audio_features: stereo.into_iter().chain(constant).collect(),
            ..proto::AddTrackRequest::default()
        };
        let sender = Arc::new(Mutex::new(Sender::new(options.sender)?));
        let published = Published { sid: Arc::default(), sender, wake: Arc::clone(&self.wake) };
        Ok(Publication { cid, mid: None, published, request, info: None, answer: None })
    }

    pub(super) fn published(&mut self, told: proto::TrackPublishedResponse) {
        let Some(ours) = self.publications.iter_mut().find(|ours| ours.cid == told.cid) else { return };
        let Some(track) = told.track else { return };
        ours.published.set_sid(&track.sid);
        let sid = track.sid.clone();
        ours.info = Some(track);
        if let Some(answer) = ours.answer.take()
            && answer.send(Ok(ours.published.clone())).is_err()
        {
            // Nobody waited so long.
            self.unpublish(&sid);
        }
    }

    /// What the server says of a request. A track that it does not take is published no more; anything else is
    /// given back.
    pub(super) fn replied(&mut self, told: proto::RequestResponse) -> Option<proto::RequestResponse> {
        use proto::request_response::{Reason, Request};
        let reason = told.reason();
        let Some(Request::AddTrack(request)) = &told.request else { return Some(told) };
        let ours = self.publications.iter().position(|ours| ours.cid == request.cid && ours.info.is_none());
        // A track that waits may still be taken.
        let Some(at) = ours.filter(|_| !matches!(reason, Reason::Ok | Reason::Queued)) else {
            return Some(told);
        };
        let source = Source::of(request.source);
        let ours = self.withdraw(at);
        match ours.answer {
            Some(answer) => {
                let _gone = answer.send(Err(match reason {
                    Reason::NotAllowed => Error::NotAllowed { what: Deed::Publish(source).what() },
                    _ => Error::Protocol(format!("the server does not take the track: {reason:?}")),
                }));
            }
            None => self.tell(RoomEvent::Unpublished { track: ours.published.sid() }),
        }
        None
    }

    pub(super) fn unpublish(&mut self, sid: &str) {
        let known = |ours: &Publication| ours.info.is_some() && ours.published.sid() == sid;
        if let Some(at) = self.publications.iter().position(known) {
            self.withdraw(at);
        }
    }

    fn withdraw(&mut self, at: usize) -> Publication {
        let ours = self.publications.swap_remove(at);
        if let Some(mid) = &ours.mid {
            self.changes.push_back(Change::End(mid.clone()));
        }
        ours
    }

    fn is_video(&self, sid: &str) -> bool {
        self.find_track(sid).is_some_and(|(_, track)| track.kind == Kind::Video)
    }

    /// Refuses what the server would not do.
    pub(super) fn allowed(&self, deed: Deed) -> Result<()> {
        self.read_roster(|roster| check(roster.local.permission.as_ref(), deed))
    }

    /// Tells that a track of ours is muted; its sound then goes nowhere.
    pub(super) fn mute(&mut self, sid: String, muted: bool) {
        self.muted(&sid, muted);
        self.signal.send(Message::Mute(proto::MuteTrackRequest { sid, muted }));
    }

    pub(super) fn muted(&mut self, sid: &str, muted: bool) {
        for ours in self.publications.iter_mut().filter(|ours| ours.published.sid() == sid) {
            ours.request.muted = muted;
        }
    }

    pub(super) fn subscribe(&mut self, track: String, wanted: bool) {
        let wanted = wanted && !self.is_video(&track);
        self.chosen.insert(track.clone(), wanted);
        let asked = proto::UpdateSubscription {
            track_sids: vec![track],
            subscribe: wanted,
            ..proto::UpdateSubscription::default()
        };
        self.signal.send(Message::Subscription(asked));
    }
}

/// A name that nobody else has.
pub(crate) fn unique(prefix: &str) -> Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|cause| Error::Transport(cause.to_string()))?;
    Ok(format!("{prefix}{:016x}", u64::from_be_bytes(bytes)))
}
