//! What a receiver says it did.

use crate::sound::ticks;
use std::time::Duration;

/// Totals since the receiver was made, and the state now.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct ReceiverStatistics {
    /// Packets that came, all of them.
    pub received: u64,
    /// Packets whose number was never seen, of those between the first and the last.
    pub lost: u64,
    /// Packets that came when their sound had been passed.
    pub late: u64,
    /// Packets that had come before.
    pub duplicate: u64,
    /// Payloads that were no RED, no Opus, or empty.
    pub malformed: u64,
    /// Packets for which there was no room, or whose time was far from that of the others.
    pub refused: u64,
    /// Times that the stream began anew, with other numbers or timestamps.
    pub restarts: u64,
    /// Packets that were decoded.
    pub decoded: u64,
    /// Of these, restored from a later packet's RED.
    pub red_recovered: u64,
    /// Packets' worth of sound restored from the coarse copy in the next Opus packet.
    pub fec_recovered: u64,
    /// Sound handed out, all of it.
    pub played: Duration,
    /// Sound that was made up because its packet was not there.
    pub concealed: Duration,
    /// Comfort noise in the sender's silence.
    pub comfort: Duration,
    /// Sound taken out to shorten the delay.
    pub removed: Duration,
    /// Sound put in to lengthen it.
    pub inserted: Duration,
    /// Sound thrown away because it was later than the longest delay, or the caller came too late for it.
    pub skipped: Duration,
    /// How much later sound is handed out now than the fastest packet of late would allow.
    pub delay: Duration,
    /// What that delay is to be.
    pub wanted_delay: Duration,
    /// Parts in a million by which the sender's clock is faster than ours.
    pub drift_ppm: f64,
}

/// The totals; lengths in ticks.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) received: u64,
    pub(super) late: u64,
    pub(super) duplicate: u64,
    pub(super) malformed: u64,
    pub(super) refused: u64,
    pub(super) restarts: u64,
    pub(super) decoded: u64,
    pub(super) red_recovered: u64,
    pub(super) fec_recovered: u64,
    pub(super) lost_before: u64,
    pub(super) played: i64,
    pub(super) concealed: i64,
    pub(super) comfort: i64,
    pub(super) removed: i64,
    pub(super) inserted: i64,
    pub(super) skipped: i64,
}

impl Counts {
    pub(super) fn tell(&self, missing: u64, delay: i64, wanted: i64, drift_ppm: f64) -> ReceiverStatistics {
        ReceiverStatistics {
            received: self.received,
            lost: self.lost_before + missing,
            late: self.late,
            duplicate: self.duplicate,
            malformed: self.malformed,
            refused: self.refused,
            restarts: self.restarts,
            decoded: self.decoded,
            red_recovered: self.red_recovered,
            fec_recovered: self.fec_recovered,
            played: ticks::duration(self.played),
            concealed: ticks::duration(self.concealed),
            comfort: ticks::duration(self.comfort),
            removed: ticks::duration(self.removed),
            inserted: ticks::duration(self.inserted),
            skipped: ticks::duration(self.skipped),
            delay: ticks::duration(delay),
            wanted_delay: ticks::duration(wanted),
            drift_ppm,
        }
    }
}
