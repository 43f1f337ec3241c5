//! TLS: the certificate that the server shows, and whom a client believes.
//!
//! | Module | Contents |
//! |---|---|
//! | `files` | the two files that an operator names, and what can be wrong with them |
//! | `certificate` | a certificate with its key: names, dates |
//! | `serving` | what a listener needs: handshakes, and new files without a restart |
//! | `trust` | whom a client believes |
//!
//! Cryptography is ring's, named wherever a configuration is built: which provider another crate of
//! the program prefers changes nothing here.

mod certificate;
mod files;
mod serving;
mod trust;

pub use certificate::{Certificate, Validity};
pub use files::{Files, TlsError};
pub use serving::Tls;
pub use trust::Trust;

use rustls::crypto::CryptoProvider;
use std::sync::Arc;

/// The cryptography of every configuration here.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
