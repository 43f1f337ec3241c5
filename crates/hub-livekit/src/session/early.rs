//! Tracks that were in the room before us, where one connection carries both ways. The server may answer the offer
//! that comes with a join before it has found out what is to be heard; it then gathers changes for 150 ms until it
//! asks for another offer. Who has read in its answer to the join what there is need not wait: it offers again.

use super::join::SLOTS;
use super::sections::MANY;
use super::{Change, Session};
use crate::room::Kind;
use std::time::{Duration, Instant};

/// How long after the answer that lacks tracks the first offer goes out, and the others, each after twice as long.
const SOON: Duration = Duration::from_millis(10);
/// How many; what is lacking then is left to the server.
const OFFERS: u32 = 3;

/// When the next of these offers is due.
#[derive(Debug, Default)]
pub(super) struct Early {
    next: Option<Instant>,
    made: u32,
}

impl Early {
    /// The offer of a join was answered.
    pub(super) fn joined(&mut self, now: Instant) {
        *self = Self { next: Some(now + SOON), made: 0 };
    }

    pub(super) const fn due(&self) -> Option<Instant> {
        self.next
    }

    /// An offer was made at this time.
    fn made(&mut self, now: Instant) {
        self.made += 1;
        self.next = (self.made < OFFERS).then(|| now + SOON * (1 << self.made));
    }
}

impl Session {
    /// Offers again when it is time and tracks are lacking.
    pub(super) fn offer_early(&mut self, now: Instant) {
        if self.early.due().is_none_or(|due| now < due) {
            return;
        }
        let lacking = if self.subscriber.is_none() { self.lacking_tracks() } else { 0 };
        if lacking == 0 {
            self.early = Early::default();
            return;
        }
        // The sections that are free are offered once more, and those that are added are added once.
        let free = SLOTS.saturating_sub(self.sections.len());
        let more = if self.early.made == 0 { lacking.saturating_sub(free) } else { 0 };
        self.early.made(now);
        // One that is on its way will be answered with all that the server knows then.
        if !self.publisher.peer.is_offering() {
            let more = u32::try_from(more).unwrap_or(MANY).min(MANY);
            self.changes.push_back(Change::Receive(more));
        }
    }

    /// How many tracks there are that are to be heard and for which there is no section.
    fn lacking_tracks(&self) -> usize {
        self.read_roster(|roster| {
            if roster.local.permission.as_ref().is_some_and(|permission| !permission.subscribe) {
                return 0;
            }
            let tracks = roster.others.values().flat_map(|other| other.tracks.values());
            let wanted = tracks.filter(|track| {
                let chosen = self.chosen.get(&track.sid).copied();
                track.kind == Kind::Audio && chosen.unwrap_or(self.options.auto_subscribe)
            });
            wanted.filter(|track| !self.sections.values().any(|sid| *sid == track.sid)).count()
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;
    use crate::room::Track;
    use crate::session::negotiation::description;
    use crate::session::rehearsal::Stage;
    use crate::transport::{Connection, connection};
    use livekit_protocol as proto;

    fn offers(session: &Session) -> usize {
        session.changes.iter().filter(|change| matches!(change, Change::Receive(0))).count()
    }

    /// What a server answers our offer with that knows nothing of the track that is there.
    fn answer(server: &mut dyn Connection, session: &Session) -> proto::SessionDescription {
        let offer = session.offered.clone().unwrap();
        let sdp = server.accept_offer(&offer.sdp, Instant::now()).unwrap();
        description("answer", sdp, offer.id)
    }

    #[test]
    fn the_answer_to_a_join_is_looked_at_and_those_to_later_offers_are_not() {
        Stage::new().play(|session| {
            let mut server = connection(std::iter::empty(), Instant::now()).unwrap();
            session.subscriber = None;
            session.negotiate();
            assert_eq!(session.early.due(), None);
            session.answered(answer(server.as_mut(), session));
            let due = session.early.due().unwrap();
            session.offer_early(due);
            session.negotiate();
            // This one sends something else by each of the three sections.
            assert!(matches!(session.offering, Some(Change::Receive(1))));
            let next = session.early.due();
            session.answered(answer(server.as_mut(), session));
            assert!(session.offering.is_none() && session.subscribed.is_some());
            assert_eq!(session.early.due(), next);
        });
    }

    #[test]
    fn an_answer_without_the_sound_that_is_there_is_followed_by_an_offer() {
        Stage::new().play(|session| {
            session.subscriber = None;
            let now = Instant::now();
            session.offer_early(now);
            assert_eq!(offers(session), 0, "nothing was answered yet");
            session.early.joined(now);
            session.offer_early(now);
            assert_eq!(offers(session), 0, "the server gets a moment");
            session.offer_early(now + SOON);
            assert_eq!(offers(session), 1);
            session.sections.insert("0".to_owned(), "TR_1".to_owned());
            session.offer_early(now + SOON * 3);
            assert_eq!((offers(session), session.early.due()), (1, None));
        });
    }

    /// What the first offer adds, where so many tracks are there and the server answered with one of them.
    fn added(tracks: usize) -> Vec<u32> {
        let mut added = Vec::new();
        Stage::new().play(|session| {
            session.subscriber = None;
            session.write_roster(|roster| {
                for other in roster.others.values_mut() {
                    let known = other.tracks.values().next().cloned();
                    for number in 2..=tracks {
                        let sid = format!("TR_{number}");
                        let track = known.clone().map(|track| Track { sid: sid.clone(), ..track });
                        other.tracks.extend(track.map(|track| (sid, track)));
                    }
                }
            });
            session.sections.insert("0".to_owned(), "TR_1".to_owned());
            let now = Instant::now();
            session.early.joined(now);
            for after in [1, 3] {
                session.offer_early(now + SOON * after);
            }
            let changes = std::mem::take(&mut session.changes);
            added.extend(changes.into_iter().filter_map(|change| match change {
                Change::Receive(more) => Some(more),
                _ => None,
            }));
        });
        added
    }

    #[test]
    fn sections_are_added_once_beyond_those_that_are_free_and_not_without_end() {
        assert_eq!((added(1), added(3)), (vec![], vec![0, 0]));
        assert_eq!(added(5), [2, 0]);
        assert_eq!(added(10_000), [MANY, 0]);
    }

    #[test]
    fn sound_that_is_not_wanted_is_not_asked_for() {
        Stage::new().play(|session| {
            session.subscriber = None;
            session.chosen.insert("TR_1".to_owned(), false);
            let now = Instant::now();
            session.early.joined(now);
            session.offer_early(now + SOON);
            assert_eq!((offers(session), session.early.due()), (0, None));
        });
    }

    #[test]
    fn offers_are_made_three_times_ever_later_and_anew_after_another_join() {
        let (mut early, begin) = (Early::default(), Instant::now());
        for _join in 0..2 {
            assert_eq!(early.due(), None);
            early.joined(begin);
            let mut made = Vec::new();
            while let Some(due) = early.due() {
                made.push((due - begin).as_millis());
                early.made(due);
            }
            assert_eq!(made, [10, 30, 70]);
        }
    }
}
