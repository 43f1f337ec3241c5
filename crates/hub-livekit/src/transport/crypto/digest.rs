//! SHA-1 and SHA-256 of fingerprints, and HMAC-SHA-1 of STUN and SRTP.

use ring::{digest, hmac};
use str0m_proto::Sha1HmacProvider;
use str0m_proto::crypto::{Sha1Provider, Sha256Provider};

/// All three, without a state.
#[derive(Debug)]
pub(super) struct Digests;

impl Sha1Provider for Digests {
    fn sha1(&self, data: &[u8]) -> [u8; 20] {
        sized(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, data).as_ref())
    }
}

impl Sha256Provider for Digests {
    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        sized(digest::digest(&digest::SHA256, data).as_ref())
    }
}

impl Sha1HmacProvider for Digests {
    fn sha1_hmac(&self, key: &[u8], payloads: &[&[u8]]) -> [u8; 20] {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
        let mut context = hmac::Context::with_key(&key);
        payloads.iter().for_each(|payload| context.update(payload));
        sized(context.sign().as_ref())
    }
}

/// A digest in an array of its length.
fn sized<const LENGTH: usize>(digest: &[u8]) -> [u8; LENGTH] {
    let mut sized = [0; LENGTH];
    sized.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
    sized
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202, the second case of HMAC-SHA-1, in two pieces.
    #[test]
    fn the_hmac_of_the_rfc() {
        let tag = Digests.sha1_hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(hex(&tag), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    }

    /// FIPS 180-4, of `abc`.
    #[test]
    fn the_digests_of_the_standard() {
        assert_eq!(hex(&Digests.sha1(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&Digests.sha256(b"abc")), sha256);
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
