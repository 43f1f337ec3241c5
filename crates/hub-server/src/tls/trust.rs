//! Whom a client believes.

use super::certificate::Certificate;
use super::files::{TlsError, bytes_of, chain_of};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::Arc;

/// Whom a client believes.
#[derive(Debug, Clone, Default)]
pub struct Trust(Whom);

#[derive(Debug, Clone, Default)]
enum Whom {
    /// Nobody: for servers without TLS.
    #[default]
    Nobody,
    /// The machine's roots, and these.
    Roots(Vec<CertificateDer<'static>>),
    /// The server that shows this certificate, by its SHA-256, whatever its name.
    Exactly([u8; 32]),
}

impl Trust {
    /// The machine's roots, and those in a file in PEM form.
    ///
    /// # Errors
    /// When the file cannot be read or holds no certificate.
    pub fn roots(more: Option<&Path>) -> Result<Self, TlsError> {
        let roots = match more {
            Some(file) => chain_of(file, &bytes_of(file)?)?,
            None => Vec::new(),
        };
        Ok(Self(Whom::Roots(roots)))
    }

    /// The server that shows exactly the certificate of this digest, as [`Trust::digest`] gives it:
    /// for programs of the server's own machine, which know it from a file that only its owner can
    /// write, and reach it by an address that stands in no certificate.
    #[must_use]
    pub fn exactly(digest: [u8; 32]) -> Self {
        Self(Whom::Exactly(digest))
    }

    /// The SHA-256 of a certificate in its DER form.
    #[must_use]
    pub fn digest(certificate: &Certificate) -> [u8; 32] {
        Sha256::digest(certificate.own().map(AsRef::as_ref).unwrap_or_default()).into()
    }

    /// A builder of HTTP clients that believe these.
    ///
    /// # Errors
    /// When the machine's roots cannot be used.
    pub fn http(&self) -> Result<reqwest::ClientBuilder, TlsError> {
        let provider = super::provider();
        let builder =
            ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
        let config = match &self.0 {
            Whom::Nobody => builder.with_root_certificates(rustls::RootCertStore::empty()),
            Whom::Roots(more) => {
                let verifier = Verifier::new_with_extra_roots(more.iter().cloned(), provider)?;
                builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
            }
            Whom::Exactly(digest) => {
                let verifier = Exactly { digest: *digest, provider };
                builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
            }
        };
        Ok(reqwest::Client::builder().tls_backend_preconfigured(config.with_no_client_auth()))
    }
}

/// Believes one certificate. That the server holds its key is proven by the signatures of the
/// handshake, which are checked as always.
#[derive(Debug)]
struct Exactly {
    digest: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Exactly {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if Sha256::digest(end_entity.as_ref()).as_slice() == self.digest.as_slice() {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
