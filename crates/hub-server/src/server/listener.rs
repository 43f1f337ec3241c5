//! Where the server listens, and whether by TLS.

use crate::tls::Tls;
use tokio::net::TcpListener;

/// Where the server listens, and whether by TLS.
#[derive(Debug)]
pub struct Listener {
    pub(super) tcp: TcpListener,
    pub(super) tls: Option<Tls>,
}

impl Listener {
    /// Everything at this port is encrypted, with the certificate's files followed as they change.
    #[must_use]
    pub fn with_tls(tcp: TcpListener, tls: Tls) -> Self {
        Self { tcp, tls: Some(tls) }
    }
}

impl From<TcpListener> for Listener {
    /// Plain text.
    fn from(tcp: TcpListener) -> Self {
        Self { tcp, tls: None }
    }
}
