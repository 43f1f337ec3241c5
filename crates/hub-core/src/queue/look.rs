//! Looking for work, from where the last look found none that is older.
//!
//! A database that keeps finished jobs for a transaction that is older than their end (a dump, a
//! session that was left open) makes whoever looks for the oldest job walk over every one of them. So
//! a process remembers of each queue before which instant nothing waits, and begins there. What comes
//! in behind it, because a clock is slow or a commit was, is found by a full look.
//!
//! A clock that is set back leaves jobs that are dated ahead of it. What lies further ahead than any job
//! rests is taken for due: it waits for nothing but that clock.

use super::backoff;
use super::lease::Queue;
use crate::Result;
use crate::clock::Timestamp;
use crate::store::{Reach, Row, Store, Tx, across, boxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Rest between two full looks: how long a job may lie behind where looks begin.
const FULL_LOOK: Duration = Duration::from_secs(1);
/// A full look that takes long rests so many times as long: it never takes more of the database
/// than a twentieth of one connection.
const RESTS: u32 = 20;
/// It rests no longer than this.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// How late the commit of a job may be, or the clock that dated it, for the next look to find it.
const LATE: Duration = Duration::from_millis(250);

/// Rest between two looks at what is dated ahead, while there is other work.
const AHEAD: Duration = Duration::from_secs(1);
/// So far the clocks of two hubs may be apart when they start; a job that rests by the one rests so much
/// longer by the other.
const CLOCKS_APART: Duration = Duration::from_secs(300);

const BEGINNING: Timestamp = Timestamp(i64::MIN);
const END: Timestamp = Timestamp(i64::MAX);

/// From which instant on a job is dated further ahead than any is that rests. `rest` is how long those of
/// its queue do, where that is longer than after a failure.
pub(crate) fn too_far_ahead(now: Timestamp, rest: Duration) -> Timestamp {
    now.after(rest.max(backoff::CAP)).after(CLOCKS_APART)
}

/// Work that a look found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    pub(crate) queue: Queue,
    /// Since when the oldest job waits that may be claimed.
    pub(crate) ready: Option<Timestamp>,
    /// When the oldest lease ended whose worker did not come back.
    pub(crate) expired: Option<Timestamp>,
    /// When it looked.
    at: Timestamp,
    /// Whether what is ready is dated too far ahead, and due for that.
    ahead: bool,
}

impl Due {
    pub(crate) fn is_nothing(&self) -> bool {
        self.ready.is_none() && self.expired.is_none()
    }

    /// Before this instant nothing waits. A job whose lease ended is claimable since it was released.
    pub(crate) fn from(&self) -> Timestamp {
        self.ready.unwrap_or(self.at)
    }

    /// After this instant nothing is due.
    pub(crate) fn until(&self, now: Timestamp) -> Timestamp {
        if self.ahead { END } else { now }
    }

    fn read(queue: Queue, at: Timestamp, row: Option<&mut Row>) -> Result<Self> {
        let (ready, expired) = match row {
            Some(row) => (row.take(0)?, row.take(1)?),
            None => (None, None),
        };
        Ok(Self { queue, ready, expired, at, ahead: false })
    }
}

/// Where looks at one queue begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct From {
    /// Nothing that is older is ready.
    ready: Timestamp,
    /// No lease that ended before is still held.
    leased: Timestamp,
}

const EVERYTHING: From = From { ready: BEGINNING, leased: BEGINNING };

#[derive(Debug, Clone, Copy)]
struct Mark {
    from: From,
    /// When the last full look began, and how long none is taken from then on.
    full_at: Timestamp,
    rest: Duration,
    /// When it was last looked at what is dated ahead whatever else there was, and whether there was any.
    ahead_at: Timestamp,
    ahead: bool,
}

/// Whether a look looks at what is dated ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LookAhead {
    Yes,
    /// When nothing else is due.
    Idle,
    No,
}

impl Mark {
    /// A full look is due after its rest, and when the clock was set back.
    fn wants_full_look(&self, now: Timestamp) -> bool {
        now < self.full_at || now >= self.full_at.after(self.rest)
    }
}

/// What a process remembers of its looks.
#[derive(Debug)]
pub(crate) struct Looks(Mutex<[Mark; Queue::ALL.len()]>);

impl Default for Looks {
    fn default() -> Self {
        let (full_at, ahead_at) = (BEGINNING, BEGINNING);
        let never = Mark { from: EVERYTHING, full_at, rest: Duration::ZERO, ahead_at, ahead: false };
        Self(Mutex::new([never; Queue::ALL.len()]))
    }
}

impl Looks {
    /// Where a look begins. One that is full is begun by one caller alone.
    fn begin(&self, queue: Queue, now: Timestamp) -> From {
        self.with(queue, |mark| {
            if mark.wants_full_look(now) {
                (mark.full_at, mark.rest) = (now, LONGEST_REST);
                return EVERYTHING;
            }
            mark.from
        })
    }

    /// Notes what a look found that began there. When the mark has moved meanwhile, a look that was
    /// not full knows nothing of what lies before its beginning, and changes nothing.
    fn found(&self, began: From, due: &Due) {
        let (late, first) = (due.at.before(LATE), |found: Option<Timestamp>| found.unwrap_or(due.at));
        let next = From { ready: first(due.ready).min(late), leased: first(due.expired).min(late) };
        self.with(due.queue, |mark| {
            if began == EVERYTHING || mark.from == began {
                mark.from = next;
            }
        });
    }

    /// Sets the rest after a full look, however it ended: one that the database gave up must not keep
    /// the others from their work.
    fn ended(&self, queue: Queue, began: Timestamp, now: Timestamp) {
        let rest = now.since(began).saturating_mul(RESTS).clamp(FULL_LOOK, LONGEST_REST);
        self.with(queue, |mark| mark.rest = rest);
    }

    /// Once a second it is looked at what is dated ahead; in between while there was some, by who has
    /// nothing else to do.
    fn ahead(&self, queue: Queue, now: Timestamp) -> LookAhead {
        self.with(queue, |mark| {
            if now < mark.ahead_at || now >= mark.ahead_at.after(AHEAD) {
                mark.ahead_at = now;
                return LookAhead::Yes;
            }
            if mark.ahead { LookAhead::Idle } else { LookAhead::No }
        })
    }

    fn with<T>(&self, queue: Queue, change: impl FnOnce(&mut Mark) -> T) -> T {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [index, window, plan, tools] = &mut *marks;
        change(match queue {
            Queue::Index => index,
            Queue::Window => window,
            Queue::Plan => plan,
            Queue::Tools => tools,
        })
    }
}

/// Looks whether a job of the queue may be claimed, or a lease of it has run out. A read, so that
/// looking costs no commit.
pub(crate) async fn look(store: &Store, queue: Queue) -> Result<Due> {
    look_resting(store, queue, Duration::ZERO).await
}

/// The same of a queue whose jobs rest for so long, which may be longer than after a failure.
pub(crate) async fn look_resting(store: &Store, queue: Queue, rest: Duration) -> Result<Due> {
    let began_at = store.now();
    let keeps = store.executor().dialect().keeps_what_is_gone();
    let began = if keeps { store.looks().begin(queue, began_at) } else { EVERYTHING };
    let look_ahead = store.looks().ahead(queue, began_at);
    let found = store.read(Reach::nobody(), |tx| boxed(ask(tx, queue, began, look_ahead, rest))).await;
    if keeps && began == EVERYTHING {
        store.looks().ended(queue, began_at, store.now());
    }
    let (due, ahead) = found?;
    if keeps {
        store.looks().found(began, &due);
    }
    let Some(ahead) = ahead else { return Ok(due) };
    store.looks().with(queue, |mark| mark.ahead = ahead.ready.is_some());
    Ok(if ahead.ready.is_some() { Due { ready: ahead.ready, ahead: true, ..due } } else { due })
}

/// What is due, and what is dated too far ahead, if it looked for that.
async fn ask(
    tx: &mut Tx,
    queue: Queue,
    from: From,
    look_ahead: LookAhead,
    rest: Duration,
) -> Result<(Due, Option<Due>)> {
    let now = tx.now();
    let due = between(tx, queue, from, now).await?;
    if look_ahead == LookAhead::No || (look_ahead == LookAhead::Idle && !due.is_nothing()) {
        return Ok((due, None));
    }
    // Leases end by themselves: of them it asks for none.
    let ahead = From { ready: too_far_ahead(now, rest), leased: END };
    let ahead = between(tx, queue, ahead, END).await?;
    if ahead.ready.is_some() {
        tracing::warn!(queue = queue.as_str(), "work is dated far ahead: the clock was set back");
    }
    Ok((due, Some(ahead)))
}

async fn between(tx: &mut Tx, queue: Queue, from: From, until: Timestamp) -> Result<Due> {
    let now = tx.now();
    let parameters = vec![queue.as_str().into(), until.into(), from.ready.into(), from.leased.into()];
    let mut rows = tx.across(across::LOOK, parameters).await?;
    Due::read(queue, now, rows.first_mut())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(at: i64, ready: Option<i64>, expired: Option<i64>) -> Due {
        let seconds = |seconds: i64| Timestamp(seconds * 1_000_000);
        let (ready, expired, at) = (ready.map(seconds), expired.map(seconds), seconds(at));
        Due { queue: Queue::Plan, ready, expired, at, ahead: false }
    }

    const fn second(n: i64) -> Timestamp {
        Timestamp(n * 1_000_000)
    }

    #[test]
    fn a_look_begins_at_the_oldest_job_that_the_last_one_saw() {
        let looks = Looks::default();
        assert_eq!(looks.begin(Queue::Plan, second(100)), EVERYTHING);
        looks.ended(Queue::Plan, second(100), second(100));
        looks.found(EVERYTHING, &due(100, Some(90), None));
        let began = looks.begin(Queue::Plan, Timestamp(100_500_000));
        assert_eq!(began, From { ready: second(90), leased: Timestamp(99_750_000) });
        // Other queues have marks of their own.
        assert_eq!(looks.begin(Queue::Index, second(100)), EVERYTHING);
        // With nothing left it begins shortly before the look, so that late commits are seen.
        looks.found(began, &Due { at: Timestamp(100_500_000), ..due(0, None, Some(99)) });
        let began = looks.begin(Queue::Plan, Timestamp(100_600_000));
        assert_eq!(began, From { ready: Timestamp(100_250_000), leased: second(99) });
    }

    #[test]
    fn everything_is_looked_at_each_second_by_one_caller() {
        let looks = Looks::default();
        assert_eq!(looks.begin(Queue::Plan, second(100)), EVERYTHING);
        looks.found(EVERYTHING, &due(100, None, None));
        assert_ne!(looks.begin(Queue::Plan, second(102)), EVERYTHING, "another one is at it");
        looks.ended(Queue::Plan, second(100), second(100));
        assert_ne!(looks.begin(Queue::Plan, Timestamp(100_999_999)), EVERYTHING);
        assert_eq!(looks.begin(Queue::Plan, second(101)), EVERYTHING);
        // A clock that is set back.
        looks.ended(Queue::Plan, second(101), second(101));
        assert_eq!(looks.begin(Queue::Plan, second(50)), EVERYTHING);
    }

    #[test]
    fn a_full_look_that_takes_long_rests_longer_and_at_most_a_minute() {
        let looks = Looks::default();
        for (took, next, too_early) in [(1, 20, 19), (30, 60, 59)] {
            let began = second(1_000 * took);
            assert_eq!(looks.begin(Queue::Plan, began), EVERYTHING);
            looks.ended(Queue::Plan, began, second(1_000 * took + took));
            looks.found(EVERYTHING, &due(1_000 * took, None, None));
            assert_ne!(looks.begin(Queue::Plan, second(1_000 * took + too_early)), EVERYTHING);
            assert_eq!(looks.begin(Queue::Plan, second(1_000 * took + next)), EVERYTHING);
        }
    }

    #[test]
    fn a_look_that_ends_after_a_full_one_found_older_work_does_not_pass_it() {
        let looks = Looks::default();
        looks.begin(Queue::Plan, second(100));
        looks.ended(Queue::Plan, second(100), second(100));
        looks.found(EVERYTHING, &due(100, None, None));
        let slow = looks.begin(Queue::Plan, Timestamp(100_900_000));
        assert_eq!(looks.begin(Queue::Plan, second(101)), EVERYTHING);
        looks.ended(Queue::Plan, second(101), second(101));
        looks.found(EVERYTHING, &due(101, Some(7), None));
        looks.found(slow, &Due { at: Timestamp(100_900_000), ..due(0, None, None) });
        assert_eq!(looks.begin(Queue::Plan, Timestamp(101_100_000)).ready, second(7));
    }

    #[test]
    fn what_is_dated_ahead_is_looked_at_each_second_and_while_there_is_some() {
        let looks = Looks::default();
        let saw = |ahead| looks.with(Queue::Plan, |mark| mark.ahead = ahead);
        assert_eq!(looks.ahead(Queue::Plan, second(100)), LookAhead::Yes);
        assert_eq!(looks.ahead(Queue::Index, second(100)), LookAhead::Yes);
        assert_eq!(looks.ahead(Queue::Plan, Timestamp(100_999_999)), LookAhead::No);
        saw(true);
        assert_eq!(looks.ahead(Queue::Plan, Timestamp(100_999_999)), LookAhead::Idle);
        saw(false);
        assert_eq!(looks.ahead(Queue::Plan, second(101)), LookAhead::Yes);
        assert_eq!(looks.ahead(Queue::Plan, second(50)), LookAhead::Yes, "a clock that is set back");
    }

    #[test]
    fn a_job_that_rests_is_never_too_far_ahead() {
        let (now, minute) = (second(0), Duration::from_secs(60));
        assert_eq!(too_far_ahead(now, minute), second(600));
        assert_eq!(too_far_ahead(now, 20 * minute), second(1_500));
    }
}
