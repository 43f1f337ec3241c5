//! What to do after a connection was lost, and when. Nothing here waits or sends: it is told the time.

use std::time::{Duration, Instant};

/// How long the same stay in the room is tried to be had back; servers keep a place for little longer.
const RESUME: Duration = Duration::from_secs(12);
/// How long media may take after signalling stands again.
const SETTLE: Duration = Duration::from_secs(6);
/// The pause after the first failure; each that follows is twice as long, up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(200);
/// Attempts at the same stay before another server is asked for a new one.
const VAIN: u32 = 3;
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What is to be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The same stay over a new connection.
    Resume,
    /// A new stay, with everything published again.
    Rejoin,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Something is under way, or nothing is to be done before that moment.
    Wait(Instant),
    Try(Attempt),
    GiveUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing is tried before that moment.
    Paused(Instant),
    Trying,
    /// Signalling stands; media has until that moment.
    Settling(Instant),
}

/// The way back into a room.
#[derive(Debug)]
pub(super) struct Recovery {
    /// Why it was needed.
    pub(super) cause: String,
    began: Instant,
    give_up: Duration,
    stage: Stage,
    failures: u32,
    resumable: bool,
}

impl Recovery {
    pub(super) const fn new(cause: String, now: Instant, give_up: Duration, resumable: bool) -> Self {
        Self { cause, began: now, give_up, stage: Stage::Paused(now), failures: 0, resumable }
    }

    /// What is next; the caller does it at once.
    pub(super) fn step(&mut self, now: Instant) -> Step {
        let end = self.began + self.give_up;
        match self.stage {
            _ if now >= end => return Step::GiveUp,
            Stage::Trying => return Step::Wait(end),
            Stage::Settling(until) if now < until => return Step::Wait(until.min(end)),
            Stage::Settling(_) => {
                // Signalling alone is no way back: the next attempt brings new connections.
                self.resumable = false;
                self.failed(now);
            }
            Stage::Paused(_) => {}
        }
        match self.stage {
            Stage::Paused(until) if now < until => Step::Wait(until.min(end)),
            _ => {
                self.stage = Stage::Trying;
                let resume = self.resumable && now < self.began + RESUME;
                Step::Try(if resume { Attempt::Resume } else { Attempt::Rejoin })
            }
        }
    }

    /// The attempt brought signalling back.
    pub(super) fn standing(&mut self, now: Instant) {
        self.stage = Stage::Settling(now + SETTLE);
    }

    /// The attempt came to nothing, or what it brought was lost again.
    pub(super) fn failed(&mut self, now: Instant) {
        let pause = PAUSE.saturating_mul(1 << self.failures.min(5)).min(LONGEST_PAUSE);
        self.failures += 1;
        self.stage = Stage::Paused(now + pause);
    }

    /// The server does not know the stay any more.
    pub(super) const fn forgotten(&mut self) {
        self.resumable = false;
    }

    /// The same stay was tried to be had back often enough, where there are others who may have it.
    pub(super) const fn is_vain(&self) -> bool {
        self.failures >= VAIN
    }

    /// Signalling stands, and media is waited for.
    pub(super) const fn is_settling(&self) -> bool {
        matches!(self.stage, Stage::Settling(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVE_UP: Duration = Duration::from_secs(30);

    fn lost() -> (Recovery, Instant) {
        let now = Instant::now();
        (Recovery::new("a cable".to_owned(), now, GIVE_UP, true), now)
    }

    #[test]
    fn the_first_attempt_is_made_at_once_and_the_next_ones_ever_later() {
        let (mut recovery, began) = lost();
        let (mut now, mut tried) = (began, Vec::new());
        loop {
            match recovery.step(now) {
                Step::Try(attempt) => {
                    tried.push((now.duration_since(began).as_millis(), attempt));
                    recovery.failed(now);
                }
                Step::Wait(until) => now = until,
                Step::GiveUp => break,
            }
        }
        let times: Vec<_> = tried.iter().map(|(at, _)| *at).collect();
        assert_eq!(times, [0, 200, 600, 1_400, 3_000, 6_200, 11_200, 16_200, 21_200, 26_200]);
        assert!(tried.iter().all(|(at, attempt)| (*attempt == Attempt::Resume) == (*at < 12_000)));
        assert_eq!(now.duration_since(began), GIVE_UP);
    }

    #[test]
    fn media_that_does_not_come_back_means_a_new_stay() {
        let (mut recovery, now) = lost();
        assert_eq!(recovery.step(now), Step::Try(Attempt::Resume));
        recovery.standing(now);
        assert_eq!(recovery.step(now), Step::Wait(now + SETTLE));
        let later = now + SETTLE;
        let Step::Wait(until) = recovery.step(later) else { panic!("no pause") };
        assert_eq!(recovery.step(until), Step::Try(Attempt::Rejoin));
    }

    #[test]
    fn a_stay_that_the_server_forgot_is_not_resumed() {
        let (mut recovery, now) = lost();
        assert_eq!(recovery.step(now), Step::Try(Attempt::Resume));
        recovery.forgotten();
        recovery.failed(now);
        assert_eq!(recovery.step(now + PAUSE), Step::Try(Attempt::Rejoin));
    }
}
