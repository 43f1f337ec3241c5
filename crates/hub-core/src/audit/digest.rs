//! SHA-256 digests as the log, bindings and manifests write them.

use crate::{Error, Result};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq;

const PREFIX: &str = "sha256:";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// A SHA-256 digest. Its text is `sha256:` and 64 lower-case hex digits. Comparing two takes the
/// same time wherever they differ.
#[derive(Clone, Copy, Hash, PartialOrd, Ord)]
#[allow(
    clippy::derived_hash_with_manual_eq,
    reason = "the manual equality is the derived one in constant time"
)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Appends the text form.
    pub(crate) fn write_to(&self, text: &mut String) {
        text.push_str(PREFIX);
        for byte in self.0 {
            for nibble in [byte >> 4, byte & 15] {
                text.push(HEX.get(usize::from(nibble)).copied().map_or('0', char::from));
            }
        }
    }
}

/// The digest of content under its salt: SHA-256 over the 16 bytes of salt, then the content.
///
/// The log holds this instead of the content. Once salt and content are erased, nothing can be
/// learnt from it by guessing, and the log still verifies.
#[must_use]
pub fn salted_digest(salt: &[u8; 16], content: &[u8]) -> Digest {
    Digest(Sha256::new().chain_update(salt).chain_update(content).finalize().into())
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(PREFIX.len() + 64);
        self.write_to(&mut text);
        f.write_str(&text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = Error;

    /// Reads the text form; upper-case digits are refused, so that a digest has one spelling.
    fn from_str(text: &str) -> Result<Self> {
        let malformed = || Error::invalid("malformed_digest", "not `sha256:` and 64 lower-case hex digits");
        let digits = text.strip_prefix(PREFIX).ok_or_else(malformed)?.as_bytes();
        if digits.len() != 64 {
            return Err(malformed());
        }
        let mut bytes = [0_u8; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                *byte = (*byte << 4) | nibble(*digit).ok_or_else(malformed)?;
            }
        }
        Ok(Self(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_digest_of_nothing_is_that_of_fips_180_4() {
        assert_eq!(
            Digest::of(b"").to_string(),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn the_salt_stands_before_the_content() {
        assert_eq!(salted_digest(b"0123456789abcdef", b"hello"), Digest::of(b"0123456789abcdefhello"));
        assert_ne!(salted_digest(&[0; 16], b"hello"), salted_digest(&[1; 16], b"hello"));
    }

    #[test]
    fn other_spellings_are_refused() {
        let good = Digest::of(b"x").to_string();
        for bad in [
            good.to_uppercase(),
            good.replace("sha256:", ""),
            good.replace("sha256:", "sha256:A"),
            format!("{good}0"),
        ] {
            assert_eq!(bad.parse::<Digest>().unwrap_err().code(), "malformed_digest", "{bad}");
        }
        let upper_digits = format!("sha256:{}", good.trim_start_matches("sha256:").to_uppercase());
        assert!(upper_digits.parse::<Digest>().is_err());
    }

    proptest! {
        #[test]
        fn text_reads_back(bytes: [u8; 32], other: [u8; 32]) {
            prop_assert_eq!(Digest(bytes).to_string().parse::<Digest>().unwrap(), Digest(bytes));
            prop_assert_eq!(Digest(bytes) == Digest(other), bytes == other);
        }
    }
}
