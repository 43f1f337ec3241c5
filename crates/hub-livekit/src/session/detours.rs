//! The ways of one peer connection beside its sockets of UDP: which there are, and what is sent by which.

use super::fallback::{Allowed, Fallback, Tcp};
use crate::error::Result;
use crate::net::Tls;
use crate::room::{RoomEvent, Route};
use crate::transport::{
    Carrier, Connection, Datagram, Detour, Inbox, News, Outbox, PathError, Relay, allocate, candidate,
    connect, ends, fragment, news,
};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

/// Addresses of the server on TCP that are tried, and relays that are used, by one connection.
const MOST: usize = 4;
/// How long the ways may take to say farewell.
const FAREWELL: Duration = Duration::from_millis(500);

/// What a way leads over.
#[derive(Debug, Clone)]
enum Over {
    Tcp(SocketAddr),
    Relay(Relay),
}

/// A way that is being tried, or stands.
#[derive(Debug)]
struct Path {
    number: u64,
    over: Over,
    out: Outbox,
    /// Its address on this side, where it stands.
    detour: Option<Detour>,
}

/// What a search for ways is made with.
pub(super) struct Search<'a> {
    pub(super) now: Instant,
    /// Which peer connection, as in [`Datagram::to`].
    pub(super) to: usize,
    pub(super) relays: &'a [Relay],
    pub(super) tls: &'a Tls,
    pub(super) into: &'a mpsc::Sender<Datagram>,
    pub(super) wake: &'a Arc<Notify>,
    /// When something came last.
    pub(super) heard: Instant,
}

/// What came of a search.
pub(super) struct Found {
    pub(super) events: Vec<RoomEvent>,
    /// Why the way by which media went is no more.
    pub(super) broken: Option<PathError>,
    /// When to search again.
    pub(super) until: Option<Instant>,
}

/// The ways of one peer connection. They end when it is dropped.
#[derive(Debug)]
pub(super) struct Detours {
    fallback: Fallback,
    /// The name of the server in ICE that the addresses are of.
    fragment: String,
    /// Where the server listens on TCP, and how it said so.
    listening: Vec<(SocketAddr, String)>,
    /// What was tried since the server was described; what came to nothing is not tried again.
    tried: Vec<Over>,
    paths: Vec<Path>,
    next: u64,
    /// By which media went last, and from which address.
    route: Option<Route>,
    from: Option<SocketAddr>,
    news: (mpsc::Sender<News>, mpsc::Receiver<News>),
    tasks: JoinSet<()>,
}

impl Over {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tcp(one), Self::Tcp(other)) => one == other,
            (Self::Relay(one), Self::Relay(other)) => one.url == other.url,
            _ => false,
        }
    }
}

impl Detours {
    pub(super) fn new(allowed: Allowed) -> Self {
        Self {
            fallback: Fallback::new(allowed),
            fragment: String::new(),
            listening: Vec::new(),
            tried: Vec::new(),
            paths: Vec::new(),
            next: 0,
            route: None,
            from: None,
            news: news(),
            tasks: JoinSet::new(),
        }
    }

    /// Nothing but relays may be used.
    pub(super) const fn relays_alone(&self) -> bool {
        self.fallback.allowed().relays_alone
    }

    /// A way stands that has this address.
    pub(super) fn has(&self, address: SocketAddr) -> bool {
        let mut standing = self.paths.iter().filter_map(|path| path.detour);
        standing.any(|detour| detour.address() == address)
    }

    /// The server was described, perhaps as it was before.
    pub(super) fn described(&mut self, sdp: &str, now: Instant) {
        let Some(name) = fragment(sdp) else { return };
        if name != self.fragment {
            name.clone_into(&mut self.fragment);
            self.tried.clear();
            // Connections over TCP are of the name with which they began; relays are nobody's.
            self.fallback.described(now);
        }
        sdp.lines().filter_map(|line| line.strip_prefix("a=")).for_each(|text| self.listens(text));
    }

    /// Takes a candidate of the server: what is none is left out.
    pub(super) fn listens(&mut self, text: &str) {
        let Some((Carrier::Tcp, address)) = candidate(text) else { return };
        if self.listening.iter().any(|(known, _)| *known == address) {
            return;
        }
        if self.listening.len() >= MOST {
            self.listening.remove(0);
        }
        self.listening.push((address, text.to_owned()));
    }

    /// Takes what the ways tell, and begins those that are to be tried.
    pub(super) fn search(&mut self, peer: &mut dyn Connection, search: &Search<'_>) -> Result<Found> {
        let (mut events, mut broken) = (Vec::new(), None);
        while let Ok(news) = self.news.1.try_recv() {
            match news {
                News::Open { path, local } => self.opened(path, local, peer, search.now)?,
                News::Ended { path, cause } => {
                    let Some(path) = self.ended(path, peer, search.now)? else { continue };
                    let carried = path.detour.map(Detour::address).filter(|from| self.from == Some(*from));
                    broken = broken.or(carried.map(|_| cause.clone()));
                    events.extend(path.failed(cause));
                }
            }
        }
        while self.tasks.try_join_next().is_some() {}
        let connected = peer.is_connected();
        let wanted = self.fallback.wanted(search.now, search.heard, connected, self.tcp(), self.route);
        if wanted.tcp {
            let listening: Vec<_> = self.listening.iter().map(|(address, _)| *address).collect();
            listening.into_iter().for_each(|address| self.begin(Over::Tcp(address), search));
        }
        if wanted.relays {
            let relays = search.relays.iter().take(MOST).cloned();
            relays.for_each(|relay| self.begin(Over::Relay(relay), search));
        }
        Ok(Found { events, broken, until: wanted.until })
    }

    fn tcp(&self) -> Tcp {
        let tried = |address| self.tried.iter().any(|tried| tried.is(&Over::Tcp(address)));
        let mut connections = self.paths.iter().filter(|path| matches!(path.over, Over::Tcp(_)));
        if connections.clone().any(|path| path.detour.is_some()) {
            Tcp::Open
        } else if connections.next().is_some() || !self.listening.iter().all(|(address, _)| tried(*address)) {
            Tcp::Unknown
        } else {
            Tcp::Nowhere
        }
    }

    fn begin(&mut self, over: Over, search: &Search<'_>) {
        let stands = |path: &Path| path.over.is(&over) && matches!(over, Over::Relay(_));
        if self.tried.iter().any(|tried| tried.is(&over)) || self.paths.iter().any(stands) {
            return;
        }
        self.next += 1;
        let inbox = Inbox {
            to: search.to,
            into: search.into.clone(),
            news: self.news.0.clone(),
            wake: Arc::clone(search.wake),
        };
        let (out, ends) = ends(self.next, inbox);
        match over.clone() {
            Over::Tcp(address) => self.tasks.spawn(connect(address, ends)),
            Over::Relay(relay) => self.tasks.spawn(allocate(relay, search.tls.clone(), ends)),
        };
        self.tried.push(over.clone());
        self.paths.push(Path { number: self.next, over, out, detour: None });
    }

    fn opened(
        &mut self,
        number: u64,
        local: SocketAddr,
        peer: &mut dyn Connection,
        now: Instant,
    ) -> Result<()> {
        let Some(path) = self.paths.iter_mut().find(|path| path.number == number) else { return Ok(()) };
        // A relay's address is not told to the server, which would keep from it for two seconds; by the checks that
        // come from there it is known at once (RFC 8445, 7.3.1.3).
        let detour = match path.over {
            Over::Tcp(_) => Detour::Tcp(local),
            Over::Relay(_) => Detour::Relayed(local),
        };
        path.detour = Some(detour);
        if let Over::Tcp(address) = path.over
            && let Some((_, text)) = self.listening.iter().find(|(listening, _)| *listening == address)
        {
            // Told before a restart of ICE, it was forgotten with the restart.
            peer.add_candidate(text, now)?;
        }
        peer.add_detour(detour, now)?;
        // One that began before a restart of ICE is the server's no more.
        let over = path.over.clone();
        let before = |path: &mut Path| path.number < number && path.over.is(&over);
        let earlier: Vec<Path> = self.paths.extract_if(.., before).collect();
        earlier.iter().filter_map(|path| path.detour).try_for_each(|detour| peer.remove_detour(detour, now))
    }

    fn ended(&mut self, number: u64, peer: &mut dyn Connection, now: Instant) -> Result<Option<Path>> {
        let Some(at) = self.paths.iter().position(|path| path.number == number) else { return Ok(None) };
        let path = self.paths.swap_remove(at);
        if let Some(detour) = path.detour {
            peer.remove_detour(detour, now)?;
        }
        Ok(Some(path))
    }

    /// Sends by the way that has this address; it is lost where none has, as it would be on the way.
    fn send(&self, carrier: Carrier, from: SocketAddr, to: SocketAddr, bytes: Vec<u8>) -> Option<Route> {
        let has = |path: &&Path| {
            path.detour.is_some_and(|detour| detour.carrier() == carrier && detour.address() == from)
        };
        let path = self.paths.iter().find(has)?;
        let _lost = path.out.try_send((to, bytes));
        Some(match &path.over {
            Over::Tcp(_) => Route::Tcp,
            Over::Relay(relay) => Route::Relay(relay.transport),
        })
    }

    /// Ends every way, and waits for that.
    pub(super) async fn close(&mut self) {
        self.paths.clear();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, all).await.is_err() {
            self.tasks.shutdown().await;
        }
    }
}

impl Path {
    /// What its end is told by.
    fn failed(self, cause: PathError) -> Option<RoomEvent> {
        match self.over {
            Over::Tcp(address) => {
                tracing::debug!(%address, %cause, "a connection over TCP is of no use");
                None
            }
            Over::Relay(relay) => Some(RoomEvent::RelayFailed { url: relay.url, cause }),
        }
    }
}

impl super::Link {
    /// Sends a packet; answers by which way, where it is media's and went by another before.
    pub(super) fn transmit(
        &mut self,
        carrier: Carrier,
        from: SocketAddr,
        to: SocketAddr,
        bytes: Vec<u8>,
    ) -> Option<Route> {
        // Checks of ICE go by every way (RFC 7983).
        let media = bytes.first().is_some_and(|first| *first > 3);
        let route = if carrier == Carrier::Udp && self.sockets.send(from, to, &bytes) {
            Route::Udp
        } else {
            self.detours.send(carrier, from, to, bytes)?
        };
        if !media {
            return None;
        }
        self.detours.from = Some(from);
        (self.detours.route.replace(route) != Some(route)).then_some(route)
    }
}

impl Drop for Detours {
    /// A link that is replaced has nobody who waits for its farewell; without their outbox the tasks end soon.
    fn drop(&mut self) {
        self.tasks.detach_all();
    }
}
