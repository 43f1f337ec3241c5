//! What all clients of a run share: the hubs, the count of what was asked, and what is known of
//! the privacy of spaces.

use crate::hubs::HubProcess;
use hub_core::clock::{Clock as _, SystemClock};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Something that must hold, and did not.
#[derive(Debug, Clone)]
pub(crate) struct Violation {
    pub(crate) rule: &'static str,
    pub(crate) told: String,
}

pub(crate) type Held<T = ()> = Result<T, Violation>;

/// Says which rule does not hold, and of what.
pub(crate) fn violated<T>(rule: &'static str, told: impl fmt::Display) -> Held<T> {
    Err(Violation { rule, told: told.to_string() })
}

pub(crate) struct Shared {
    pub(crate) hubs: Vec<HubProcess>,
    pub(crate) counts: Mutex<Counts>,
    /// The clients are to end their round.
    pub(crate) rest: AtomicBool,
    /// Grows with each request and each answer: what lay before what.
    ticks: AtomicU64,
    /// Grows with each jump of a clock.
    pub(crate) jumps: AtomicU64,
    violation: Mutex<Option<Violation>>,
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) requests: BTreeMap<&'static str, u64>,
    pub(crate) faults: BTreeMap<&'static str, u64>,
    pub(crate) checks: BTreeMap<&'static str, u64>,
    /// Requests that were answered with success, with a refusal, and not at all or with 503.
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
    pub(crate) unknown: u64,
}

impl Shared {
    pub(crate) fn of(hubs: Vec<HubProcess>) -> Self {
        Self {
            hubs,
            counts: Mutex::default(),
            rest: AtomicBool::new(false),
            ticks: AtomicU64::new(1),
            jumps: AtomicU64::new(0),
            violation: Mutex::default(),
        }
    }

    pub(crate) fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::SeqCst)
    }

    /// Keeps the first violation and ends the round.
    pub(crate) fn fail(&self, violation: Violation) {
        self.violation.lock().unwrap().get_or_insert(violation);
        self.rest.store(true, Ordering::SeqCst);
    }

    pub(crate) fn held(&self) -> Held {
        match self.violation.lock().unwrap().clone() {
            Some(violation) => Err(violation),
            None => Ok(()),
        }
    }

    pub(crate) fn fault(&self, name: &'static str) {
        *self.counts.lock().unwrap().faults.entry(name).or_default() += 1;
    }

    pub(crate) fn checked(&self, name: &'static str, count: usize) {
        *self.counts.lock().unwrap().checks.entry(name).or_default() += count as u64;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |counts: &BTreeMap<&str, u64>| {
            let listed: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
            listed.join(", ")
        };
        let total: u64 = self.requests.values().sum();
        writeln!(f, "  requests {total}: {}", list(&self.requests))?;
        let Self { acknowledged, refused, unknown, .. } = self;
        writeln!(f, "  acknowledged {acknowledged}, refused {refused}, outcome unknown {unknown}")?;
        writeln!(f, "  faults {}: {}", self.faults.values().sum::<u64>(), list(&self.faults))?;
        write!(f, "  checks: {}", list(&self.checks))
    }
}

/// An agent.
pub(crate) struct Agent {
    pub(crate) number: usize,
    pub(crate) id: String,
    /// The owner's token.
    pub(crate) owner: String,
}

/// A space, and what is known of its privacy.
pub(crate) struct Space {
    pub(crate) agent: std::sync::Arc<Agent>,
    pub(crate) id: String,
    flips: Mutex<Vec<Flip>>,
    /// One flip at a time, so that those that were answered have an order.
    pub(crate) flipping: tokio::sync::Mutex<()>,
    /// Stretches of the hub's clock, in microseconds, in which it was private for certain.
    pub(crate) private: Mutex<Vec<(i64, i64)>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Flip {
    pub(crate) on: bool,
    pub(crate) begin: u64,
    /// When it was answered; an unknown one has no end before somebody has looked.
    pub(crate) end: Option<u64>,
    /// The hub's clock before and after, unless one jumped meanwhile.
    pub(crate) clock: Option<(i64, i64)>,
    pub(crate) jumps: u64,
    /// How far that hub's clock was off.
    pub(crate) offset: i64,
}

impl Space {
    pub(crate) fn of(agent: std::sync::Arc<Agent>, id: String) -> Self {
        Self {
            agent,
            id,
            flips: Mutex::default(),
            flipping: tokio::sync::Mutex::default(),
            private: Mutex::default(),
        }
    }

    /// Whether it was private from tick to tick; `None` when it may have been either.
    pub(crate) fn private_during(&self, begin: u64, end: u64) -> Option<bool> {
        let flips = self.flips.lock().unwrap();
        let touching = |flip: &Flip| flip.begin < end && flip.end.is_none_or(|flipped| flipped > begin);
        if flips.iter().any(touching) {
            return None;
        }
        let last = flips.iter().rfind(|flip| flip.end.is_some_and(|flipped| flipped <= begin));
        Some(last.is_some_and(|flip| flip.on))
    }

    /// Notes a flip that begins; answers its place.
    pub(crate) fn begin_flip(&self, flip: Flip) -> usize {
        let mut flips = self.flips.lock().unwrap();
        flips.push(flip);
        flips.len() - 1
    }

    /// Notes that it was answered.
    pub(crate) fn end_flip(&self, place: usize, end: u64, clock: Option<(i64, i64)>) {
        let mut flips = self.flips.lock().unwrap();
        flips[place].end = Some(end);
        flips[place].clock = clock;
        let Some((before, ended)) =
            place.checked_sub(1).map(|before| (flips[before].clone(), flips[place].clone()))
        else {
            return;
        };
        if let (true, false, Some((_, since)), Some((until, _))) =
            (before.on, ended.on, before.clock, ended.clock)
            && before.jumps == ended.jumps
            && before.offset == ended.offset
            && since < until
        {
            self.private.lock().unwrap().push((since, until));
        }
    }

    /// Flips whose outcome nobody knows yet.
    pub(crate) fn unknown_flips(&self) -> bool {
        self.flips.lock().unwrap().iter().any(|flip| flip.end.is_none())
    }

    /// Somebody has looked while nothing was under way.
    pub(crate) fn looked(&self, tick: u64, private: bool) {
        for flip in self.flips.lock().unwrap().iter_mut().filter(|flip| flip.end.is_none()) {
            flip.end = Some(tick);
            flip.on = private;
            flip.clock = None;
        }
    }
}

/// The machine's time in microseconds.
pub(crate) fn machine_now() -> i64 {
    SystemClock.now().0
}
