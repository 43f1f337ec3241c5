//! Tokens that were looked up a moment ago: a busy satellite does not cost a transaction a request.

use super::rows::Shown;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::ids::TokenId;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// How long an answer counts. What this process changes it forgets at once; a revocation by
/// another process holds after this time.
const FRESH: Duration = Duration::from_secs(1);
/// Tokens that are remembered at most; beyond them all are forgotten.
const MOST: usize = 10_000;

/// When a token is looked up, those in use whose answers count no longer than this are looked up with it:
/// a hundred satellites cost a few transactions a second, not a hundred.
const SOON: Duration = Duration::from_millis(500);
/// How often those are searched for at most.
const SEARCHES: Duration = Duration::from_millis(50);
/// Tokens that are looked up along with one.
const ALONG: usize = 63;

/// Tokens that were looked up a moment ago, by their hash.
#[derive(Default)]
pub(crate) struct KnownTokens(RwLock<Known>);

#[derive(Default)]
struct Known {
    /// Counts the times that all was forgotten.
    generation: u64,
    contexts: HashMap<[u8; 32], Entry>,
    /// When tokens to renew were last searched for.
    searched: Option<Timestamp>,
}

struct Entry {
    token_id: TokenId,
    context: Context,
    since: Timestamp,
    until: Timestamp,
    /// Somebody has shown it since then.
    used: AtomicBool,
}

impl KnownTokens {
    pub(crate) fn get(&self, hash: &[u8; 32], now: Timestamp) -> Option<Context> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back does not make an answer live longer.
        let entry = known.contexts.get(hash).filter(|entry| entry.since <= now && now < entry.until)?;
        entry.used.store(true, Ordering::Relaxed);
        Some(entry.context.clone())
    }

    /// Other tokens to look up along with this one: those in use whose answers are about to count no more,
    /// or have just ceased to.
    pub(crate) fn to_renew(&self, hash: &[u8; 32], now: Timestamp) -> Vec<Shown> {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.searched.is_some_and(|searched| searched <= now && now < searched.after(SEARCHES)) {
            return Vec::new();
        }
        known.searched = Some(now);
        let is_due = |entry: &Entry| {
            let age = now.since(entry.since);
            entry.since <= now && age + SOON >= FRESH && age < FRESH * 2
        };
        let due = known.contexts.iter().filter(|(other, entry)| *other != hash && is_due(entry));
        let used = due.filter(|(_, entry)| entry.used.swap(false, Ordering::Relaxed));
        used.map(|(hash, entry)| (entry.token_id, *hash)).take(ALONG).collect()
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
        (token_id, hash): Shown,
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
        known
            .contexts
            .insert(hash, Entry { token_id, context, since: now, until, used: AtomicBool::new(false) });
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
    use uuid::Uuid;

    const HASH: [u8; 32] = [1; 32];
    const SHOWN: Shown = (TokenId(Uuid::from_u128(1)), HASH);

    fn after(now: Timestamp, millis: u64) -> Timestamp {
        now.after(Duration::from_millis(millis))
    }

    #[test]
    fn an_answer_counts_for_a_second_and_not_beyond_its_expiry() {
        let (known, now) = (KnownTokens::default(), Timestamp(5_000_000));
        known.keep(0, SHOWN, Context::admin(), now, None);
        assert!(known.get(&HASH, after(now, 999)).is_some());
        assert!(known.get(&HASH, after(now, 1_000)).is_none());
        assert!(known.get(&HASH, now.before(Duration::from_millis(1))).is_none());
        known.keep(0, SHOWN, Context::admin(), now, Some(after(now, 10)));
        assert!(known.get(&HASH, after(now, 9)).is_some());
        assert!(known.get(&HASH, after(now, 10)).is_none());
    }

    #[test]
    fn an_answer_from_before_a_revocation_is_not_kept() {
        let (known, now) = (KnownTokens::default(), Timestamp(0));
        let generation = known.generation();
        known.forget();
        known.keep(generation, SHOWN, Context::admin(), now, None);
        assert!(known.get(&HASH, now).is_none());
        known.keep(known.generation(), SHOWN, Context::admin(), now, None);
        known.forget();
        assert!(known.get(&HASH, now).is_none());
    }

    #[test]
    fn what_is_in_use_and_about_to_be_asked_for_is_renewed_along() {
        let (known, now) = (KnownTokens::default(), Timestamp(5_000_000));
        let other = (TokenId(Uuid::from_u128(2)), [2; 32]);
        let keep = |now| known.keep(0, other, Context::admin(), now, None);
        let search = |millis| known.to_renew(&HASH, after(now, millis));
        keep(now);
        assert_eq!(search(700), [], "nobody has shown it");
        assert!(known.get(&other.1, after(now, 300)).is_some());
        assert_eq!(search(400), [], "it counts for long enough");
        assert_eq!(known.to_renew(&other.1, after(now, 600)), [], "it is the one that is looked up");
        assert_eq!(search(640), [], "it was searched a moment ago");
        assert_eq!(search(700), [other]);
        assert_eq!(search(760), [], "that was done");
        keep(after(now, 760));
        assert!(known.get(&other.1, after(now, 1_700)).is_some());
        assert_eq!(search(2_700), [other], "it has just ceased to count");
        keep(after(now, 2_700));
        assert!(known.get(&other.1, after(now, 2_701)).is_some());
        assert_eq!(search(4_701), [], "nobody has shown it for long");
    }

    #[test]
    fn few_are_renewed_at_a_time() {
        let (known, now) = (KnownTokens::default(), Timestamp(0));
        for number in 2..=200 {
            known.keep(0, (SHOWN.0, [number; 32]), Context::admin(), now, None);
            assert!(known.get(&[number; 32], now).is_some());
        }
        let renewed = [700, 800, 900, 1_000].map(|millis| known.to_renew(&HASH, after(now, millis)).len());
        assert_eq!(renewed, [63, 63, 63, 10], "each once");
    }

    #[test]
    fn memory_is_bounded() {
        let (known, now) = (KnownTokens::default(), Timestamp(0));
        for number in 0..=MOST {
            let mut hash = [0; 32];
            hash.iter_mut().zip(number.to_le_bytes()).for_each(|(place, byte)| *place = byte);
            known.keep(0, (SHOWN.0, hash), Context::admin(), now, None);
        }
        assert!(known.0.read().unwrap_or_else(PoisonError::into_inner).contexts.len() <= MOST);
    }
}
