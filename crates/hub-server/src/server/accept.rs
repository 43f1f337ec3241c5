//! Accepting connections, and stopping in bounded time.

use super::AppState;
use super::arrival::Peer;
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tower::Service as _;

/// Rest after a failed accept: it fails for want of file descriptors, which do not come at once.
const ACCEPT_REST: Duration = Duration::from_millis(50);
/// How often histograms are folded, so that samples between two scrapes do not pile up.
const UPKEEP: Duration = Duration::from_secs(5);
/// Bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;
/// Time that is kept for the end of the process, of the time that a stop may take.
const LEAVING: Duration = Duration::from_millis(500);
/// Time that is kept for closing the database, of the time that a stop may take.
const CLOSING: Duration = Duration::from_secs(3);

/// How a server stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Connections whose request was not answered in time.
    pub cut_off: usize,
    /// Whether the hub finished what it had accepted and closed its database in time.
    pub hub_closed: bool,
}

/// Serves until `stop` resolves; then finishes what was accepted and shuts the hub down, within
/// [`super::Settings::stop_seconds`], also while the database does not answer.
pub async fn serve(listener: TcpListener, state: AppState, stop: impl Future<Output = ()> + Send) -> Stopped {
    let settings = state.shared().settings.clone();
    let (tell, told) = watch::channel(());
    let mut server = Server {
        router: super::router(state.clone()),
        head: Duration::from_secs(settings.head_seconds.max(1)),
        places: Arc::new(Semaphore::new(settings.connections.clamp(1, Semaphore::MAX_PERMITS))),
        connections: JoinSet::new(),
        told,
        state: state.clone(),
    };
    tokio::select! {
        () = stop => {}
        () = server.accept(&listener) => {}
    }
    drop(listener);
    let deadline = Instant::now() + Duration::from_secs(settings.stop_seconds.max(1)) - LEAVING;
    tracing::info!(connections = server.connections.len(), "stopping");
    let _connections_close_when_idle = tell.send(());
    let answered_by = deadline.checked_sub(CLOSING).unwrap_or(deadline).max(Instant::now());
    while let Ok(Some(_)) = timeout_at(answered_by, server.connections.join_next()).await {}
    let cut_off = server.connections.len();
    server.connections.abort_all();
    let hub_closed = timeout_at(deadline, state.hub().shutdown()).await.is_ok();
    if cut_off > 0 || !hub_closed {
        tracing::warn!(cut_off, hub_closed, "stopped without an end to everything that was accepted");
    }
    Stopped { cut_off, hub_closed }
}

struct Server {
    router: Router,
    state: AppState,
    head: Duration,
    places: Arc<Semaphore>,
    connections: JoinSet<()>,
    told: watch::Receiver<()>,
}

impl Server {
    async fn accept(&mut self, listener: &TcpListener) {
        let mut upkeep = tokio::time::interval(UPKEEP);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => self.open(stream, peer),
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(ACCEPT_REST).await;
                    }
                },
                Some(_) = self.connections.join_next(), if !self.connections.is_empty() => {}
                _ = upkeep.tick() => self.state.shared().metrics.upkeep(),
            }
        }
    }

    fn open(&mut self, stream: TcpStream, peer: SocketAddr) {
        // Answers are small and somebody waits for each.
        let _best_effort = stream.set_nodelay(true);
        match self.places.clone().try_acquire_owned() {
            Ok(place) => {
                let connection = connection(
                    stream,
                    Peer(peer.ip().to_canonical()),
                    self.router.clone(),
                    self.head,
                    self.told.clone(),
                    place,
                );
                self.connections.spawn(connection);
            }
            Err(_) => {
                let limit = self.state.shared().settings.connections;
                self.connections.spawn(refuse(stream, limit));
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    head: Duration,
    mut told: watch::Receiver<()>,
    _place: OwnedSemaphorePermit,
) {
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let mut router = router.clone();
        async move { router.call(request.map(Body::new)).await.map_err(|never: Infallible| never) }
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = told.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Tells a client beyond the bound so, whatever it sends.
async fn refuse(mut stream: TcpStream, limit: usize) {
    let body = crate::errors::Failure::too_many_connections(limit).body("none");
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n\
         content-length: {}\r\nretry-after: 1\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let answer = async {
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&body).await?;
        stream.shutdown().await?;
        // Closed with something unread, the connection would be reset and the answer lost.
        let mut dropped = [0; 1_024];
        while stream.read(&mut dropped).await? > 0 {}
        std::io::Result::Ok(())
    };
    let _best_effort = timeout(Duration::from_secs(1), answer).await;
}
