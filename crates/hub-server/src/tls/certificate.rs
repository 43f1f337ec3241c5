//! A certificate with its key: what it says, and whether its time has come and not passed.

use super::files::{Files, TlsError};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// Time before the end of a certificate in which it counts as ending soon: authorities that renew by
/// themselves do it a month before.
const SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// A certificate with its key. `Debug` does not show the key.
#[derive(Clone)]
pub struct Certificate {
    key: Arc<CertifiedKey>,
    names: Vec<String>,
    not_before: SystemTime,
    not_after: SystemTime,
}

/// How a certificate stands at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Good for two weeks or more.
    Good,
    /// Good, and ends within two weeks.
    EndsSoon,
    /// Its time has passed: clients refuse it.
    Expired,
    /// Its time has not come: clients refuse it, or the clock of this machine is wrong.
    NotYet,
}

impl Certificate {
    pub(super) fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        files: &Files,
    ) -> Result<Self, TlsError> {
        let malformed = || TlsError::Malformed { file: files.certificate.clone(), wanted: "certificate" };
        let first = chain.first().ok_or_else(malformed)?;
        let read = x509_cert::Certificate::from_der(first.as_ref()).map_err(|_| malformed())?;
        let validity = read.tbs_certificate().validity();
        let (not_before, not_after) =
            (validity.not_before.to_system_time(), validity.not_after.to_system_time());
        let names = names(&read);
        let key = certified(chain, key, &super::provider(), files)?;
        Ok(Self { key: Arc::new(key), names, not_before, not_after })
    }

    /// Names and addresses for which it stands, as clients compare them.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The last moment at which clients accept it.
    #[must_use]
    pub fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// How it stands at a time.
    #[must_use]
    pub fn validity(&self, now: SystemTime) -> Validity {
        if now < self.not_before {
            Validity::NotYet
        } else if now > self.not_after {
            Validity::Expired
        } else if self.not_after.duration_since(now).is_ok_and(|left| left < SOON) {
            Validity::EndsSoon
        } else {
            Validity::Good
        }
    }

    pub(super) fn certified(&self) -> Arc<CertifiedKey> {
        self.key.clone()
    }

    /// The certificate itself, without those that lead to a root.
    pub(super) fn own(&self) -> Option<&CertificateDer<'static>> {
        self.key.cert.first()
    }
}

impl Validity {
    /// Whether clients accept it.
    #[must_use]
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Good | Self::EndsSoon)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key: _, names, not_before, not_after } = self;
        f.debug_struct("Certificate")
            .field("names", names)
            .field("not_before", not_before)
            .field("not_after", not_after)
            .finish_non_exhaustive()
    }
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    provider: &CryptoProvider,
    files: &Files,
) -> Result<CertifiedKey, TlsError> {
    CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            TlsError::Mismatch { certificate: files.certificate.clone(), key: files.key.clone() }
        }
        _ => TlsError::Malformed { file: files.key.clone(), wanted: "private key of a known kind" },
    })
}

fn names(certificate: &x509_cert::Certificate) -> Vec<String> {
    let Ok(Some((_, SubjectAltName(names)))) = certificate.tbs_certificate().get_extension() else {
        return Vec::new();
    };
    let shown = |name: &GeneralName| match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
        GeneralName::IpAddress(address) => address_of(address.as_bytes()),
        _ => None,
    };
    names.iter().filter_map(shown).collect()
}

fn address_of(bytes: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let sixteen = <[u8; 16]>::try_from(bytes).map(IpAddr::from);
    four.or(sixteen).ok().map(|address| address.to_string())
}
