//! DTLS by dimpl, and the certificate of a connection.

use dimpl::crypto::rust_crypto;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use std::sync::{Arc, LazyLock};
use std::time::Instant;
use str0m_proto::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, ProtocolVersion,
};
use str0m_proto::crypto::{CryptoError, DtlsVersion};

/// How many bytes of randomness a serial number has: Firefox refuses a second certificate with the same.
const SERIAL: usize = 16;

/// Makes certificates and connections.
#[derive(Debug)]
pub(super) struct Dtls;

impl DtlsProvider for Dtls {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        // Each rehearsal of a fuzzer would make two, which takes longer than all that is rehearsed.
        if cfg!(fuzzing) { SHARED.clone() } else { made() }
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        // ICE has shown already that the peer is where it says, so that a cookie would cost a round trip for nothing.
        let builder = dimpl::Config::builder()
            .with_crypto_provider(rust_crypto::default_provider())
            .use_server_cookie(false);
        let builder = if let Some(mtu) = mtu { builder.mtu(mtu) } else { builder };
        let config = Arc::new(builder.build()?);
        let cert = cert.clone();
        let connection = match version {
            DtlsVersion::Dtls12 => dimpl::Dtls::new_12(config, cert, now),
            DtlsVersion::Dtls13 => dimpl::Dtls::new_13(config, cert, now),
            DtlsVersion::Auto => dimpl::Dtls::new_auto(config, cert, now),
            unknown => return Err(CryptoError::Other(format!("no {unknown} here"))),
        };
        Ok(Box::new(Connection(connection)))
    }
}

/// The one certificate of a fuzzer's process.
static SHARED: LazyLock<Option<DtlsCert>> = LazyLock::new(made);

fn made() -> Option<DtlsCert> {
    certificate().inspect_err(|error| tracing::error!(%error, "no certificate for DTLS")).ok()
}

/// A certificate that its key signed itself: the peer compares its fingerprint with the one of the description.
fn certificate() -> Result<DtlsCert, rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.distinguished_name.push(DnType::CommonName, "WebRTC");
    let mut serial = vec![0; SERIAL];
    getrandom::fill(&mut serial).map_err(|_| rcgen::Error::RingUnspecified)?;
    parameters.serial_number = Some(serial.into());
    let certificate = parameters.self_signed(&key)?;
    Ok(DtlsCert { certificate: certificate.der().to_vec(), private_key: key.serialize_der() })
}

/// One connection.
struct Connection(dimpl::Dtls);

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl DtlsInstance for Connection {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        self.0.poll_output(buffer)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.0.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_certificates_differ_in_key_and_serial_number() {
        let [one, other] = [certificate().unwrap(), certificate().unwrap()];
        assert_ne!(one.private_key, other.private_key);
        assert_ne!(one.certificate.get(..40), other.certificate.get(..40));
    }

    #[test]
    fn a_certificate_opens_a_connection_of_each_version() {
        let certificate = Dtls.generate_certificate().unwrap();
        for version in [DtlsVersion::Dtls12, DtlsVersion::Dtls13, DtlsVersion::Auto] {
            let made = Dtls.new_dtls(&certificate, Instant::now(), version, Some(1_200));
            assert!(made.is_ok(), "{version}: {:?}", made.err());
        }
    }
}
