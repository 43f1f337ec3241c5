//! A connection over which whole packets go, whatever carries them.

use super::PathError;
use super::framing::{Frames, Framing};
use super::sockets::LARGEST;
use crate::net::{Tls, chain};
use rustls::pki_types::ServerName;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;

/// How long a connection may take to come about, TLS included, and to take a packet.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// What is read of a stream at once.
const READ: usize = 4_096;

/// What a stream of bytes can do.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection over which whole packets go.
pub(crate) struct Line {
    local: SocketAddr,
    remote: SocketAddr,
    carrying: Carrying,
    buffer: Vec<u8>,
}

enum Carrying {
    Udp(UdpSocket),
    Stream { stream: Box<dyn Stream>, frames: Frames },
}

impl Line {
    /// From a socket of its own.
    pub(crate) async fn udp(to: SocketAddr) -> Result<Self, PathError> {
        let any: SocketAddr = match to {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any).await.map_err(broken)?;
        socket.connect(to).await.map_err(broken)?;
        let local = socket.local_addr().map_err(broken)?;
        Ok(Self { local, remote: to, carrying: Carrying::Udp(socket), buffer: vec![0; LARGEST] })
    }

    pub(crate) async fn tcp(to: SocketAddr, framing: Framing) -> Result<Self, PathError> {
        let (local, stream) = within(connect(to)).await?;
        Ok(Self::over(local, to, Box::new(stream), framing))
    }

    /// Over TLS, with a server of that name.
    pub(crate) async fn tls(
        to: SocketAddr,
        name: &str,
        tls: &Tls,
        framing: Framing,
    ) -> Result<Self, PathError> {
        let name = ServerName::try_from(name.to_owned())
            .map_err(|_| PathError::Tls("its host is no name".to_owned()))?;
        within(async {
            let (local, stream) = connect(to).await?;
            let secured = TlsConnector::from(tls.config()).connect(name, stream).await;
            let stream = secured.map_err(|cause| PathError::Tls(chain(&cause)))?;
            Ok(Self::over(local, to, Box::new(stream), framing))
        })
        .await
    }

    fn over(local: SocketAddr, remote: SocketAddr, stream: Box<dyn Stream>, framing: Framing) -> Self {
        let carrying = Carrying::Stream { stream, frames: Frames::new(framing) };
        Self { local, remote, carrying, buffer: vec![0; READ] }
    }

    pub(crate) const fn local(&self) -> SocketAddr {
        self.local
    }

    pub(crate) const fn remote(&self) -> SocketAddr {
        self.remote
    }

    pub(crate) const fn is_stream(&self) -> bool {
        matches!(self.carrying, Carrying::Stream { .. })
    }

    /// The next packet. Nothing is lost where the waiting is broken off.
    pub(crate) async fn receive(&mut self) -> Result<Vec<u8>, PathError> {
        let Self { carrying, buffer, .. } = self;
        match carrying {
            Carrying::Udp(socket) => {
                let length = socket.recv(buffer).await.map_err(broken)?;
                Ok(buffer.get(..length).unwrap_or_default().to_vec())
            }
            Carrying::Stream { stream, frames } => loop {
                if let Some(packet) = frames.next().map_err(|_| PathError::Protocol)? {
                    return Ok(packet);
                }
                let length = stream.read(buffer).await.map_err(broken)?;
                if length == 0 {
                    return Err(PathError::Ended);
                }
                frames.push(buffer.get(..length).unwrap_or_default());
            },
        }
    }

    /// Sends a packet; a socket of UDP loses what it does not take at once.
    pub(crate) async fn send(&mut self, packet: &[u8]) -> Result<(), PathError> {
        match &mut self.carrying {
            Carrying::Udp(socket) => match socket.try_send(packet) {
                Err(cause) if cause.kind() == io::ErrorKind::ConnectionRefused => Err(broken(cause)),
                _ => Ok(()),
            },
            Carrying::Stream { stream, frames } => {
                let Some(framed) = frames.framing().frame(packet) else { return Ok(()) };
                within(async {
                    stream.write_all(&framed).await.map_err(broken)?;
                    stream.flush().await.map_err(broken)
                })
                .await
            }
        }
    }
}

async fn connect(to: SocketAddr) -> Result<(SocketAddr, TcpStream), PathError> {
    let stream = TcpStream::connect(to).await.map_err(broken)?;
    // Sound waits for nothing; where the option is not there, it does.
    let _refused = stream.set_nodelay(true);
    Ok((stream.local_addr().map_err(broken)?, stream))
}

async fn within<T>(doing: impl Future<Output = Result<T, PathError>>) -> Result<T, PathError> {
    tokio::time::timeout(PATIENCE, doing).await.unwrap_or(Err(PathError::Timeout))
}

fn broken(cause: io::Error) -> PathError {
    PathError::Connection(cause.to_string())
}
