//! Randomness and identifiers that a seed repeats.

use crate::Result;
use crate::clock::Timestamp;
use crate::entropy::{Entropy, Ids, uuid7};
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// The same seed gives the same bytes in the same order: SHA-256 of the seed and a counter.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededEntropy {
    /// Begins the sequence of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        for part in bytes.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(self.seed.to_be_bytes());
            hash.update(self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            for (byte, random) in part.iter_mut().zip(hash.finalize()) {
                *byte = random;
            }
        }
        Ok(())
    }
}

impl Ids for SeededEntropy {
    fn next(&self, now: Timestamp) -> Result<Uuid> {
        let mut random = [0; 10];
        self.fill(&mut random)?;
        Ok(uuid7(now, random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_another_differs() {
        let draw = |seed| {
            let entropy = SeededEntropy::new(seed);
            let mut bytes = [0; 100];
            entropy.fill(&mut bytes).unwrap();
            (bytes, entropy.next(Timestamp(1_790_000_000_000_000)).unwrap())
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_eq!(draw(7).1.get_version_num(), 7);
    }
}
