//! Tokens that were looked up a moment ago: a busy satellite does not cost a transaction a request.

use crate::clock::Timestamp;
use crate::context::Context;
use std::collections::HashMap;
use std::fmt;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// How long an answer counts. What this process changes it forgets at once; a revocation by
/// another process holds after this time.
const FRESH: Duration = Duration::from_secs(1);
/// Tokens that are remembered at most; beyond them all are forgotten.
const MOST: usize = 10_000;

/// Tokens that were looked up a moment ago, by their hash.
#[derive(Default)]
pub(crate) struct KnownTokens(RwLock<Known>);

#[derive(Default)]
struct Known {
    /// Counts the times that all was forgotten.
    generation: u64,
    contexts: HashMap<[u8; 32], Entry>,
}

struct Entry {
    context: Context,
    since: Timestamp,
    until: Timestamp,
}

impl KnownTokens {
    pub(crate) fn get(&self, hash: &[u8; 32], now: Timestamp) -> Option<Context> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back does not make an answer live longer.
        let entry = known.contexts.get(hash).filter(|entry| entry.since <= now && now < entry.until)?;
        Some(entry.context.clone())
    }

    /// To be asked before the database is, and given back to [`Self::keep`].
    pub(crate) fn generation(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).generation
    }

    /// Keeps an answer, unless all was forgotten while the database was asked: it may be from
    /// before a revocation.
    pub(crate) fn keep(
        &self,
        generation: u64,
        hash: [u8; 32],
        context: Context,
        now: Timestamp,
        expires_at: Option<Timestamp>,
    ) {
        let fresh = now.after(FRESH);
        let until = expires_at.map_or(fresh, |end| end.min(fresh));
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.generation != generation {
            return;
        }
        if known.contexts.len() >= MOST {
            known.contexts.clear();
        }
        known.contexts.insert(hash, Entry { context, since: now, until });
    }

    pub(crate) fn forget(&self) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.generation = known.generation.wrapping_add(1);
        known.contexts.clear();
    }
}

impl fmt::Debug for KnownTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownTokens(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: [u8; 32] = [1; 32];

    fn after(now: Timestamp, millis: u64) -> Timestamp {
        now.after(Duration::from_millis(millis))
    }

    #[test]
    fn an_answer_counts_for_a_second_and_not_beyond_its_expiry() {
        let (known, now) = (KnownTokens::default(), Timestamp(5_000_000));
        known.keep(0, HASH, Context::admin(), now, None);
        assert!(known.get(&HASH, after(now, 999)).is_some());
        assert!(known.get(&HASH, after(now, 1_000)).is_none());
        assert!(known.get(&HASH, now.before(Duration::from_millis(1))).is_none());
        known.keep(0, HASH, Context::admin(), now, Some(after(now, 10)));
        assert!(known.get(&HASH, after(now, 9)).is_some());
        assert!(known.get(&HASH, after(now, 10)).is_none());
    }

    #[test]
    fn an_answer_from_before_a_revocation_is_not_kept() {
        let (known, now) = (KnownTokens::default(), Timestamp(0));
        let generation = known.generation();
        known.forget();
        known.keep(generation, HASH, Context::admin(), now, None);
        assert!(known.get(&HASH, now).is_none());
        known.keep(known.generation(), HASH, Context::admin(), now, None);
        known.forget();
        assert!(known.get(&HASH, now).is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let (known, now) = (KnownTokens::default(), Timestamp(0));
        for number in 0..=MOST {
            let mut hash = [0; 32];
            hash.iter_mut().zip(number.to_le_bytes()).for_each(|(place, byte)| *place = byte);
            known.keep(0, hash, Context::admin(), now, None);
        }
        assert!(known.0.read().unwrap_or_else(PoisonError::into_inner).contexts.len() <= MOST);
    }
}
