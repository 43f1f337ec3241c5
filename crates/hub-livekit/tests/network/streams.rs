//! The connections over TCP that carry media: for each address of the server a port of ours.

use super::Replaced;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Clone)]
pub(super) struct Streams {
    torn: watch::Receiver<u64>,
    count: Arc<AtomicU64>,
    ports: Arc<tokio::sync::Mutex<Vec<Replaced>>>,
}

impl Streams {
    pub(super) fn new(torn: watch::Receiver<u64>, count: Arc<AtomicU64>) -> Self {
        Self { torn, count, ports: Arc::default() }
    }

    /// The port of ours, on 127.0.0.1, that stands for an address of the server.
    pub(super) async fn port(&self, server: SocketAddr) -> u16 {
        let mut ports = self.ports.lock().await;
        if let Some((_, port)) = ports.iter().find(|(known, _)| *known == server) {
            return *port;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        ports.push((server, port));
        let (mut torn, count) = (self.torn.clone(), Arc::clone(&self.count));
        // It ends with the relay.
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let Ok((stream, _)) = accepted else { return };
                        count.fetch_add(1, Ordering::Relaxed);
                        tokio::spawn(carry(stream, server, torn.clone()));
                    }
                    changed = torn.changed() => if changed.is_err() { return },
                }
            }
        });
        port
    }
}

async fn carry(mut stream: TcpStream, server: SocketAddr, mut torn: watch::Receiver<u64>) {
    torn.mark_unchanged();
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let _ = (stream.set_nodelay(true), server.set_nodelay(true));
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut stream, &mut server) => {}
        _ = torn.changed() => {}
    }
}
