//! Whose certificates are believed.

use super::{Error, chain};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::sync::Arc;

/// Whose certificates are believed, and the connections' other settings. A clone is cheap.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
    private: usize,
}

impl Tls {
    /// The authorities of Mozilla's root programme.
    ///
    /// # Errors
    /// [`Error::Tls`] where the crypto provider lacks what TLS 1.2 and 1.3 need.
    pub fn public() -> Result<Self, Error> {
        Self::from_store(public(), 0)
    }

    /// The same, and the authorities whose certificates the text holds in PEM form.
    ///
    /// # Errors
    /// [`Error::Root`] where the text holds no certificate, or one that is no authority's.
    pub fn with_roots(pem: &str) -> Result<Self, Error> {
        let mut store = public();
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|cause| Error::Root(chain(&cause)))?;
            store.add(certificate).map_err(|cause| Error::Root(chain(&cause)))?;
            count += 1;
        }
        if count == 0 {
            return Err(Error::Root("the text holds none".to_owned()));
        }
        Self::from_store(store, count)
    }

    fn from_store(roots: RootCertStore, private: usize) -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions();
        let builder = builder.map_err(|cause| Error::Tls(chain(&cause)))?;
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        Ok(Self { config: Arc::new(config), private })
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }
}

fn public() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("private_roots", &self.private).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "no certificate", broken] {
            assert!(matches!(Tls::with_roots(text), Err(Error::Root(_))), "{text}");
        }
    }
}
