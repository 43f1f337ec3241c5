//! Which sequence numbers have come.

/// Numbers that are remembered behind the highest.
const DEPTH: u64 = 1_024;

/// The highest number and a bit for each of those before it.
#[derive(Debug)]
pub(crate) struct Seen {
    first: Option<u64>,
    highest: u64,
    bits: [u64; (DEPTH / 64) as usize],
    unique: u64,
}

impl Default for Seen {
    fn default() -> Self {
        Self { first: None, highest: 0, bits: [0; (DEPTH / 64) as usize], unique: 0 }
    }
}

impl Seen {
    /// Notes a number; false when it was noted before, or lies too far back to be told.
    pub(crate) fn insert(&mut self, sequence: u64) -> bool {
        if self.first.is_none() {
            self.first = Some(sequence);
            self.highest = sequence;
        }
        if sequence > self.highest {
            let step = sequence - self.highest;
            if step >= DEPTH {
                self.bits = [0; (DEPTH / 64) as usize];
            } else {
                (self.highest + 1..=sequence).for_each(|passed| self.set(passed, false));
            }
            self.highest = sequence;
        } else if self.highest - sequence >= DEPTH || self.get(sequence) {
            return false;
        }
        self.first = self.first.map(|first| first.min(sequence));
        self.set(sequence, true);
        self.unique += 1;
        true
    }

    /// The number has not come, though one after it may have.
    pub(crate) fn is_missing(&self, sequence: u64) -> bool {
        let known = self.first.is_some_and(|first| (first..=self.highest).contains(&sequence));
        known && self.highest - sequence < DEPTH && !self.get(sequence)
    }

    /// How far a number is from the highest; nothing has come yet: nothing.
    pub(crate) fn distance(&self, sequence: u64) -> u64 {
        self.first.map_or(0, |_| self.highest.abs_diff(sequence))
    }

    /// Numbers between the first and the highest that have not come.
    pub(crate) fn missing(&self) -> u64 {
        let span = self.first.map_or(0, |first| self.highest.saturating_sub(first).saturating_add(1));
        span.saturating_sub(self.unique)
    }

    fn get(&self, sequence: u64) -> bool {
        let (word, bit) = place(sequence);
        self.bits.get(word).is_some_and(|bits| bits & bit != 0)
    }

    fn set(&mut self, sequence: u64, seen: bool) {
        let (word, bit) = place(sequence);
        if let Some(bits) = self.bits.get_mut(word) {
            *bits = if seen { *bits | bit } else { *bits & !bit };
        }
    }
}

fn place(sequence: u64) -> (usize, u64) {
    ((sequence % DEPTH / 64) as usize, 1 << (sequence % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_lies_far_back_is_not_taken_for_new() {
        let mut seen = Seen::default();
        assert!(seen.insert(5_000));
        assert!(!seen.insert(5_000 - DEPTH));
        assert!(seen.insert(5_000 - DEPTH + 1));
        assert_eq!(seen.missing(), DEPTH - 2);
    }

    proptest! {
        /// Beside a set that forgets nothing.
        #[test]
        fn it_agrees_with_a_set(numbers in proptest::collection::vec(10_000_u64..11_000, 1..300)) {
            let (mut seen, mut set) = (Seen::default(), BTreeSet::new());
            for number in numbers {
                prop_assert_eq!(seen.insert(number), set.insert(number));
            }
            let span = set.last().unwrap() - set.first().unwrap() + 1;
            prop_assert_eq!(seen.missing(), span - set.len() as u64);
        }
    }
}
