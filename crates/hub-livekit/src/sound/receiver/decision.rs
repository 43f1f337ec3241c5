//! What to play next: a pure function of what is there.

use crate::sound::ticks::{MILLISECOND, PACKET, SECOND};

/// Sound that is made up when nothing comes; after it there is silence.
pub(super) const CONCEALED: i64 = 120 * MILLISECOND;
/// Comfort noise after the last sign of a sender that is silent; he gives one each 400 ms.
const COMFORT: i64 = SECOND;
/// What is made up at a time, so that a late packet can cut it short.
const PIECE: i64 = 10 * MILLISECOND;
/// The codec makes up sound in multiples of 2.5 ms.
const GRAIN: i64 = PACKET / 8;

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The packet that is there.
    Decode,
    /// The sound before that packet, of so many ticks, out of its coarse copy.
    Recover(i64),
    /// So many ticks of what was heard last.
    Conceal(i64),
    /// So many ticks of background.
    Comfort(i64),
    /// Nothing more.
    Stop,
}

/// The packet that has the smallest timestamp of those that wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Next {
    /// Ticks between what was played and its begin; not positive where they touch.
    pub(super) gap: i64,
    pub(super) sequence: u64,
    pub(super) redundant: bool,
}

/// What was played last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Last {
    pub(super) sequence: Option<u64>,
    pub(super) silent: bool,
    pub(super) length: i64,
    /// Ticks made since without a packet.
    pub(super) made: i64,
}

/// Chooses.
pub(super) fn decide(last: Last, next: Option<Next>) -> Step {
    let Some(next) = next else {
        let (most, step): (i64, fn(i64) -> Step) =
            if last.silent { (COMFORT, Step::Comfort) } else { (CONCEALED, Step::Conceal) };
        return if last.made < most { step(PIECE) } else { Step::Stop };
    };
    if next.gap < GRAIN {
        return Step::Decode;
    }
    let piece = next.gap.min(PIECE) / GRAIN * GRAIN;
    // Numbers without a gap around timestamps with one: the sender was silent.
    let paused = last.sequence.is_some_and(|sequence| sequence + 1 == next.sequence);
    if paused || last.silent {
        Step::Comfort(piece)
    } else if next.redundant && next.gap == last.length {
        Step::Recover(next.gap)
    } else {
        Step::Conceal(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: Last = Last { sequence: Some(7), silent: false, length: PACKET, made: 0 };

    fn next(gap: i64, sequence: u64, redundant: bool) -> Option<Next> {
        Some(Next { gap, sequence, redundant })
    }

    #[test]
    fn a_packet_in_its_turn_is_decoded() {
        assert_eq!(decide(LAST, next(0, 8, false)), Step::Decode);
        assert_eq!(decide(LAST, next(-40, 8, false)), Step::Decode, "one that overlaps");
        assert_eq!(decide(LAST, next(100, 9, false)), Step::Decode, "less than the codec can make up");
    }

    #[test]
    fn a_gap_is_recovered_concealed_or_the_senders_silence() {
        assert_eq!(decide(LAST, next(960, 9, true)), Step::Recover(960));
        assert_eq!(decide(LAST, next(960, 9, false)), Step::Conceal(480));
        assert_eq!(decide(LAST, next(1_920, 10, true)), Step::Conceal(480), "the copy tells the last only");
        assert_eq!(decide(LAST, next(300, 9, false)), Step::Conceal(240));
        assert_eq!(decide(LAST, next(9_600, 8, true)), Step::Comfort(480), "no number is missing");
        assert_eq!(decide(Last { silent: true, ..LAST }, next(960, 12, true)), Step::Comfort(480));
    }

    #[test]
    fn nothing_comes_and_after_a_while_nothing_is_played() {
        assert_eq!(decide(LAST, None), Step::Conceal(480));
        assert_eq!(decide(Last { made: CONCEALED, ..LAST }, None), Step::Stop);
        let silent = Last { silent: true, made: CONCEALED, ..LAST };
        assert_eq!(decide(silent, None), Step::Comfort(480));
        assert_eq!(decide(Last { made: COMFORT, ..silent }, None), Step::Stop);
    }
}
