//! Randomness and identifiers as ports.

use crate::clock::Timestamp;
use crate::{Error, Result};
use std::fmt;
use uuid::Uuid;

/// Where randomness comes from: salts, tokens, jitter.
pub trait Entropy: Send + Sync + fmt::Debug {
    /// Fills the buffer with bytes that nobody can guess.
    ///
    /// # Errors
    /// `unavailable` when the machine has none to give.
    fn fill(&self, bytes: &mut [u8]) -> Result<()>;
}

/// Where the hub's own identifiers come from.
pub trait Ids: Send + Sync + fmt::Debug {
    /// A new UUIDv7 for an instant.
    ///
    /// # Errors
    /// `unavailable` when randomness is.
    fn next(&self, now: Timestamp) -> Result<Uuid>;
}

/// The machine's source of randomness, and UUIDv7 made with it (RFC 9562, section 5.7).
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[allow(clippy::disallowed_methods, reason = "this is the port through which randomness enters")]
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        getrandom::fill(bytes).map_err(|cause| {
            Error::unavailable("no_entropy", "the machine gives no randomness").because(cause)
        })
    }
}

impl Ids for SystemEntropy {
    fn next(&self, now: Timestamp) -> Result<Uuid> {
        let mut random = [0_u8; 10];
        self.fill(&mut random)?;
        Ok(uuid7(now, random))
    }
}

/// Lays out a UUIDv7: 48 bits of milliseconds, then randomness.
#[must_use]
pub fn uuid7(now: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.0.div_euclid(1_000)).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
