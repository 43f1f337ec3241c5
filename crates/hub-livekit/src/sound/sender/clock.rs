//! When packets go, and the timestamps that say so.

use super::{ASLEEP, PACKET};
use crate::sound::ticks;
use std::time::Instant;

/// Slots of 20 ms, and the timestamp of the next.
#[derive(Debug)]
pub(super) struct Clock {
    timestamp: u32,
    slot: Option<Instant>,
}

impl Clock {
    pub(super) fn new(timestamp: u32) -> Self {
        Self { timestamp, slot: None }
    }

    /// The moment before which the next packet must not go; `None` before the first.
    pub(super) fn slot(&self) -> Option<Instant> {
        self.slot
    }

    /// A packet goes now. While packets run, they keep to their slots however late the caller comes, unless
    /// he slept; after a pause the slots begin anew. The timestamp follows the time in which nothing went.
    pub(super) fn begin(&mut self, due: Instant, now: Instant, running: bool) {
        let slept = now.saturating_duration_since(due) > ASLEEP;
        let slot = match self.slot {
            Some(slot) if running && !slept => slot,
            _ if slept => now,
            _ => due,
        };
        if let Some(before) = self.slot {
            let passed = ticks::of(slot.saturating_duration_since(before));
            self.timestamp = self.timestamp.wrapping_add((passed & i64::from(u32::MAX)) as u32);
        }
        self.slot = Some(slot);
    }

    /// Goes on to the next slot and tells the timestamp of this one.
    pub(super) fn advance(&mut self) -> u32 {
        let timestamp = self.timestamp;
        self.timestamp = timestamp.wrapping_add(ticks::PACKET as u32);
        self.slot = self.slot.map(|slot| slot + PACKET);
        timestamp
    }
}
