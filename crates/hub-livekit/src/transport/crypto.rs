//! The cryptography of media, by ring and RustCrypto: no C is built for it beside what TLS has already.
//!
//! str0m asks for five things: DTLS (by `dimpl`), the ciphers of SRTP, and three digests.

mod digest;
mod dtls;
mod srtp;

use std::sync::{Arc, LazyLock};
use str0m_proto::crypto::CryptoProvider;

static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
    Arc::new(CryptoProvider {
        srtp_provider: &srtp::Srtp,
        sha1_hmac_provider: &digest::Digests,
        sha1_provider: &digest::Digests,
        sha256_provider: &digest::Digests,
        dtls_provider: &dtls::Dtls,
    })
});

/// What every peer connection is given; nothing of the process is set, so that what else a program links
/// does not matter.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::clone(&PROVIDER)
}
