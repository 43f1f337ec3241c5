//! Accepting connections, and stopping in bounded time.

use super::arrival::Peer;
use super::{AppState, Listener};
use crate::tls::Tls;
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
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
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
/// Clients beyond the bound of connections that are told so at once by TLS, where the telling costs a
/// handshake; others are cut off.
const TOLD: usize = 64;
/// How long telling a client beyond the bound may take.
const TELLING: Duration = Duration::from_secs(1);
/// How long a client beyond the bound may take to agree on keys.
const AGREEING: Duration = Duration::from_secs(3);
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
pub async fn serve(
    listener: impl Into<Listener> + Send,
    state: AppState,
    stop: impl Future<Output = ()> + Send,
) -> Stopped {
    let Listener { tcp: listener, tls } = listener.into();
    let settings = state.shared().settings.clone();
    let (tell, told) = watch::channel(());
    let mut server = Server {
        router: super::router(state.clone()),
        head: Duration::from_secs(settings.head_seconds.max(1)),
        places: Arc::new(Semaphore::new(settings.connections.clamp(1, Semaphore::MAX_PERMITS))),
        connections: JoinSet::new(),
        told,
        state: state.clone(),
        refusals: Arc::new(Semaphore::new(TOLD)),
        tls: tls.clone(),
    };
    let follow = async {
        match tls {
            Some(tls) => tls.follow().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = stop => {}
        () = server.accept(&listener) => {}
        () = follow => {}
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
    refusals: Arc<Semaphore>,
    tls: Option<Tls>,
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
        let Ok(place) = self.places.clone().try_acquire_owned() else { return self.refuse(stream) };
        let connection = Connection {
            peer: Peer(peer.ip().to_canonical()),
            router: self.router.clone(),
            head: self.head,
            told: self.told.clone(),
            _place: place,
        };
        match self.tls.clone() {
            None => self.connections.spawn(connection.answer(stream)),
            Some(tls) => self.connections.spawn(connection.answer_by(tls, stream)),
        };
    }

    /// Tells a client beyond the bound so.
    fn refuse(&mut self, stream: TcpStream) {
        let limit = self.state.shared().settings.connections;
        let Some(tls) = self.tls.clone() else {
            self.connections.spawn(refuse(stream, limit));
            return;
        };
        let Ok(turn) = self.refusals.clone().try_acquire_owned() else { return };
        self.connections.spawn(async move {
            let _turn = turn;
            let Ok(Ok(mut stream)) = timeout(AGREEING, tls.handshake(stream)).await else { return };
            // A client that is still busy with the handshake takes an answer to no question for a fault.
            let _something = timeout(TELLING, stream.read(&mut [0; 1_024])).await;
            refuse(stream, limit).await;
        });
    }
}

/// One connection, while it holds its place.
struct Connection {
    peer: Peer,
    router: Router,
    head: Duration,
    told: watch::Receiver<()>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    async fn answer_by(mut self, tls: Tls, stream: TcpStream) {
        let agreed = tokio::select! {
            agreed = tls.handshake(stream) => agreed,
            // Nothing was asked yet.
            _ = self.told.changed() => return,
        };
        match agreed {
            Ok(stream) => self.answer(stream).await,
            Err(error) => tracing::debug!(%error, "a client and the server agreed on no keys"),
        }
    }

    async fn answer(mut self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let (peer, router) = (self.peer, self.router);
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            let mut router = router.clone();
            async move { router.call(request.map(Body::new)).await.map_err(|never: Infallible| never) }
        });
        let mut connection = std::pin::pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(self.head)
                .max_buf_size(HEAD_BYTES)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades()
        );
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            _ = self.told.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// Tells a client beyond the bound so, whatever it sends.
async fn refuse(mut stream: impl AsyncRead + AsyncWrite + Unpin, limit: usize) {
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
    let _best_effort = timeout(TELLING, answer).await;
}
