//! Whether an artifact may be kept: a pure decision, made before its first byte is written anywhere, while
//! it arrives, and in the transaction that makes its row.

use super::NewArtifact;
use crate::clock::Timestamp;
use crate::consent::{Grant, decision::live};
use crate::events::{SpaceState, is_private_between};
use crate::ids::{ConsentId, PersonId};
use crate::{Error, Result};
use hub_protocol::limits;
use hub_protocol::vocabulary::ConsentKind;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// What was read of space, people and grants.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// None when there is no such space.
    pub(crate) space: Option<SpaceState>,
    pub(crate) people: HashSet<PersonId>,
    pub(crate) grants: HashMap<PersonId, Vec<Grant>>,
    /// Bytes of all artifacts of the agent.
    pub(crate) size: u64,
}

/// How far the artifact has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arriving {
    /// Whether it is sound or moving pictures, as far as that is known.
    pub(crate) recording: bool,
    pub(crate) began: Timestamp,
    /// How far the sender's clock is from the hub's.
    pub(crate) clock_error: Duration,
    /// Bytes so far.
    pub(crate) size: u64,
    /// Bytes that all artifacts of an agent may have.
    pub(crate) agent_limit: u64,
}

/// Whoever is in it, each with the grant that a recording rests on.
pub(crate) type Cast = Vec<(PersonId, Option<ConsentId>)>;

/// What becomes of it.
#[derive(Debug)]
pub(crate) enum Decision {
    Keep(Cast),
    Refuse(Error),
    /// Refused for want of consent, which is recorded.
    NoConsent(Error),
}

/// Decides.
pub(crate) fn decide(new: &NewArtifact, arriving: Arriving, known: &Known, now: Timestamp) -> Decision {
    match check(new, arriving, known, now) {
        Err(error) => Decision::Refuse(error),
        Ok(()) if !arriving.recording => {
            Decision::Keep(new.person_ids.iter().map(|person| (*person, None)).collect())
        }
        Ok(()) => consented(new, known, now),
    }
}

fn consented(new: &NewArtifact, known: &Known, now: Timestamp) -> Decision {
    if new.person_ids.is_empty() {
        let problem =
            Error::invalid("person_required", "sound and moving pictures name everyone who is in them");
        return Decision::Refuse(problem.field("person_ids"));
    }
    let mut cast = Cast::new();
    for person in &new.person_ids {
        let grants = known.grants.get(person).map_or(&[][..], Vec::as_slice);
        match live(grants, ConsentKind::Recording, now) {
            Some(consent) => cast.push((*person, Some(consent))),
            None => {
                let problem = Error::denied("no_consent", "a person has no live grant of recording");
                return Decision::NoConsent(problem.field("person_ids"));
            }
        }
    }
    Decision::Keep(cast)
}

fn check(new: &NewArtifact, arriving: Arriving, known: &Known, now: Timestamp) -> Result<()> {
    let Some(space) = &known.space else {
        return Err(Error::not_found("unknown_space", "no such space").field("space_id"));
    };
    let (from, until) = (new.occurred_at.unwrap_or(arriving.began), new.ended_at.or(new.occurred_at));
    // Private from its first byte to its last, or at any moment of what it shows: it is not kept.
    let error = arriving.clock_error;
    let shows = (from.before(error), until.unwrap_or(from).after(error));
    if is_private_between(space, arriving.began, now) || is_private_between(space, shows.0, shows.1) {
        return Err(Error::denied("space_private", "the space is or was private: nothing is kept of that"));
    }
    let ahead = Duration::from_secs(limits::OCCURRED_AHEAD_HOURS.unsigned_abs() * 3_600);
    if from > now.after(ahead) || until.is_some_and(|until| until > now.after(ahead)) {
        return Err(Error::invalid(
            "occurred_at_ahead",
            "the artifact lies too far ahead of the hub's clock",
        )
        .field("occurred_at")
        .at_limit(format!("{} hours", limits::OCCURRED_AHEAD_HOURS)));
    }
    if until.is_some_and(|until| until < from) {
        return Err(Error::invalid("ended_before", "it ended before it began").field("ended_at"));
    }
    if new.person_ids.len() > limits::ARTIFACT_PEOPLE {
        let limit = format!("{} people", limits::ARTIFACT_PEOPLE);
        return Err(Error::limit("too_many_people", "too many people are named", limit).field("person_ids"));
    }
    if new.person_ids.iter().any(|person| !known.people.contains(person)) {
        return Err(Error::not_found("unknown_person", "no such person").field("person_ids"));
    }
    if known.size.saturating_add(arriving.size) > arriving.agent_limit {
        let limit = format!("{} bytes", arriving.agent_limit);
        return Err(Error::limit("artifacts_full", "the agent has as many artifacts as it may", limit));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SpaceId;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(100_000_000_000);
    const ANNA: PersonId = PersonId(Uuid::from_u128(1));
    const BEN: PersonId = PersonId(Uuid::from_u128(2));

    fn grant(person_id: PersonId, kind: ConsentKind) -> Grant {
        let consent_id = ConsentId(person_id.0);
        Grant { consent_id, person_id, kind, granted_at: Timestamp(0), expires_at: None, revoked_at: None }
    }

    fn known() -> Known {
        Known {
            space: Some(SpaceState::default()),
            people: [ANNA, BEN].into(),
            grants: [
                (ANNA, vec![grant(ANNA, ConsentKind::Recording)]),
                (BEN, vec![grant(BEN, ConsentKind::Voice)]),
            ]
            .into(),
            size: 0,
        }
    }

    fn of(person_ids: &[PersonId]) -> NewArtifact {
        NewArtifact { person_ids: person_ids.to_vec(), ..NewArtifact::new(SpaceId(Uuid::from_u128(9))) }
    }

    fn told(new: &NewArtifact, recording: bool, known: &Known) -> Result<Cast, &'static str> {
        told_by(Duration::ZERO, new, recording, known)
    }

    fn told_by(
        clock_error: Duration,
        new: &NewArtifact,
        recording: bool,
        known: &Known,
    ) -> Result<Cast, &'static str> {
        let arriving = Arriving {
            recording,
            began: NOW.before(Duration::from_secs(10)),
            clock_error,
            size: 1,
            agent_limit: 100,
        };
        match decide(new, arriving, known, NOW) {
            Decision::Keep(cast) => Ok(cast),
            Decision::Refuse(error) => Err(error.code()),
            Decision::NoConsent(error) => {
                assert_eq!(error.code(), "no_consent");
                Err("unconsented")
            }
        }
    }

    #[test]
    fn a_recording_needs_the_consent_of_each_who_is_in_it() {
        assert_eq!(told(&of(&[ANNA]), true, &known()), Ok(vec![(ANNA, Some(ConsentId(ANNA.0)))]));
        assert_eq!(told(&of(&[]), true, &known()), Err("person_required"));
        assert_eq!(told(&of(&[ANNA, BEN]), true, &known()), Err("unconsented"));
        assert_eq!(told(&of(&[ANNA, BEN]), false, &known()), Ok(vec![(ANNA, None), (BEN, None)]));
        assert_eq!(told(&of(&[PersonId(Uuid::nil())]), false, &known()), Err("unknown_person"));
    }

    #[test]
    fn privacy_at_any_moment_of_what_it_shows_or_of_its_arrival_refuses_it() {
        let at = |seconds: u64| NOW.before(Duration::from_secs(seconds));
        let mut made = of(&[]);
        (made.occurred_at, made.ended_at) = (Some(at(1_000)), Some(at(900)));
        for (from, until, private) in [
            (2_000, Some(1_500), false),
            (2_000, Some(1_000), true),
            (950, Some(940), true),
            (900, Some(800), true),
            (800, Some(700), false),
            (9, Some(5), true),
            (500, None, true),
        ] {
            let mut known = known();
            let interval = (at(from), until.map(at));
            known.space =
                Some(SpaceState { private_now: until.is_none(), private_intervals: vec![interval] });
            let wanted = if private { Err("space_private") } else { Ok(vec![]) };
            assert_eq!(told(&made, false, &known), wanted, "{from} {until:?}");
        }
        let mut known = known();
        known.space =
            Some(SpaceState { private_now: false, private_intervals: vec![(at(890), Some(at(880)))] });
        assert_eq!(told(&made, false, &known), Ok(vec![]));
        let wrong = Duration::from_secs(10);
        assert_eq!(told_by(wrong, &made, false, &known), Err("space_private"));
    }

    #[test]
    fn times_and_sizes_have_bounds() {
        let mut new = of(&[]);
        new.occurred_at = Some(NOW.after(Duration::from_secs(90_000)));
        assert_eq!(told(&new, false, &known()), Err("occurred_at_ahead"));
        (new.occurred_at, new.ended_at) = (Some(NOW), Some(NOW.before(Duration::from_secs(1))));
        assert_eq!(told(&new, false, &known()), Err("ended_before"));
        assert_eq!(told(&of(&[]), false, &Known { size: 100, ..known() }), Err("artifacts_full"));
        assert_eq!(told(&of(&[]), false, &Known { space: None, ..known() }), Err("unknown_space"));
    }
}
