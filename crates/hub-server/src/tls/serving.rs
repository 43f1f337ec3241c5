//! What a listener needs: handshakes with the certificate of the moment.

use super::certificate::Certificate;
use super::files::{Files, TlsError};
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a client may take to agree on keys.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// TLS of a listener. Cheap to clone; all clones show the same certificate.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    shown: Arc<Shown>,
    files: Files,
    /// What the files were when the certificate was read.
    state: [Option<(SystemTime, u64)>; 2],
    /// Who else wants to know of a new certificate.
    changed: Arc<dyn Fn(&Certificate) + Send + Sync>,
}

impl Tls {
    /// Reads the files. `changed` is called with each certificate that is shown, this first one
    /// among them.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub fn new(
        files: Files,
        changed: impl Fn(&Certificate) + Send + Sync + 'static,
    ) -> Result<Self, TlsError> {
        let state = files.state();
        let certificate = files.read()?;
        changed(&certificate);
        let shown = Arc::new(Shown(RwLock::new(certificate)));
        let mut config = ServerConfig::builder_with_provider(super::provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(shown.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { acceptor, shown, files, state, changed: Arc::new(changed) })
    }

    /// The certificate that is shown now.
    #[must_use]
    pub fn certificate(&self) -> Certificate {
        self.shown.get()
    }

    /// Agrees on keys with a client.
    ///
    /// # Errors
    /// When the client speaks no TLS, believes another certificate, or takes longer than 10 s.
    pub async fn handshake(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        timeout(HANDSHAKE, self.acceptor.accept(stream)).await.map_err(io::Error::from)?
    }

    /// Looks at the files for ever, every 2 s, and shows what they hold as soon as it is whole.
    /// Connections that are open go on with the keys that they have. A certificate whose time has
    /// passed does not replace one that is still good.
    pub async fn follow(mut self) {
        let mut looks = tokio::time::interval(LOOK);
        loop {
            looks.tick().await;
            let (files, seen) = (self.files.clone(), self.state);
            // Files may lie on a slow disk.
            let looked = tokio::task::spawn_blocking(move || {
                let state = files.state();
                (state != seen).then(|| (state, files.read()))
            });
            if let Ok(Some((state, read))) = looked.await {
                self.state = state;
                self.take(read);
            }
        }
    }

    fn take(&self, read: Result<Certificate, TlsError>) {
        let now = SystemTime::now();
        match read {
            Ok(new) if !new.validity(now).is_accepted() && self.certificate().validity(now).is_accepted() => {
                tracing::warn!(
                    validity = ?new.validity(now),
                    "the new certificate is not valid now: the one before is still shown"
                );
            }
            Ok(new) => {
                (self.changed)(&new);
                tracing::info!(names = ?new.names(), "a new certificate is shown");
                self.shown.set(new);
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(
                    %error, cause,
                    "the certificate's files changed and cannot be used: the one before is still shown"
                );
            }
        }
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

/// The certificate of the moment.
#[derive(Debug)]
struct Shown(RwLock<Certificate>);

impl Shown {
    fn get(&self) -> Certificate {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, certificate: Certificate) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = certificate;
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).certified())
    }
}
