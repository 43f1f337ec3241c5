//! UDP sockets of one peer connection, each read by a task that ends with them.

use super::Carrier;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// More than any packet of WebRTC has.
pub(super) const LARGEST: usize = 2_000;

/// What came from the network.
#[derive(Debug, Clone)]
pub(crate) struct Datagram {
    /// Which peer connection it is for, as [`Sockets::bind`] was told.
    pub(crate) to: usize,
    pub(crate) carrier: Carrier,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    pub(crate) bytes: Vec<u8>,
    pub(crate) at: Instant,
}

/// One socket for each address; the tasks that read them end when the value goes.
#[derive(Debug)]
pub(crate) struct Sockets {
    sockets: Vec<(SocketAddr, Arc<UdpSocket>)>,
    /// Something could not be sent, which may be for want of the address that it was sent from.
    refused: AtomicBool,
    _readers: JoinSet<()>,
}

impl Sockets {
    /// Binds one for each address that can be bound. What comes goes to `into`, and is lost when that is full.
    pub(crate) async fn bind(addresses: &[IpAddr], to: usize, into: &mpsc::Sender<Datagram>) -> Self {
        let (mut sockets, mut readers) = (Vec::new(), JoinSet::new());
        for address in addresses {
            let Ok(socket) = UdpSocket::bind(SocketAddr::new(*address, 0)).await else { continue };
            let Ok(local) = socket.local_addr() else { continue };
            let socket = Arc::new(socket);
            readers.spawn(read(Arc::clone(&socket), local, to, into.clone()));
            sockets.push((local, socket));
        }
        Self { sockets, refused: AtomicBool::new(false), _readers: readers }
    }

    /// The addresses of this host that they are bound to.
    pub(crate) fn hosts(&self) -> Vec<IpAddr> {
        self.addresses().map(|address| address.ip()).collect()
    }

    /// An address that this host had is gone, as something that could not be sent has shown.
    pub(crate) fn lost(&self) -> Option<IpAddr> {
        if !self.refused.swap(false, Ordering::Relaxed) {
            return None;
        }
        let is_gone = |address: &IpAddr| {
            let bound = std::net::UdpSocket::bind(SocketAddr::new(*address, 0));
            bound.is_err_and(|cause| cause.kind() == ErrorKind::AddrNotAvailable)
        };
        self.hosts().into_iter().find(is_gone)
    }

    pub(crate) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.sockets.iter().map(|(address, _)| *address)
    }

    /// Sends, or loses the packet as the network might; `false` for an address that none of them has.
    pub(crate) fn send(&self, from: SocketAddr, to: SocketAddr, bytes: &[u8]) -> bool {
        let socket = self.sockets.iter().find(|(address, _)| *address == from);
        if let Some((_, socket)) = socket {
            let sent = socket.try_send_to(bytes, to);
            if sent.is_err_and(|cause| cause.kind() != ErrorKind::WouldBlock) {
                self.refused.store(true, Ordering::Relaxed);
            }
        }
        socket.is_some()
    }
}

async fn read(socket: Arc<UdpSocket>, local: SocketAddr, to: usize, into: mpsc::Sender<Datagram>) {
    let mut buffer = vec![0; LARGEST];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, remote)) => {
                let bytes = buffer.get(..length).unwrap_or_default().to_vec();
                let datagram =
                    Datagram { to, carrier: Carrier::Udp, local, remote, bytes, at: Instant::now() };
                if into.try_send(datagram).is_err() && into.is_closed() {
                    return;
                }
            }
            // A port that was unreachable is reported here; the next packet may come through.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
        }
    }
}
