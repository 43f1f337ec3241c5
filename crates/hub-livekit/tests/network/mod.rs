//! A bad network between one participant and the server: a relay with seeded loss, delay, reordering and
//! duplication, whose signalling can be cut and whose media can be dead for a while.
//!
//! The participant connects to [`Relay::url`] in the place of the server's. Signalling passes through, and
//! the server's addresses in it are replaced by the relay's; the participant's own are taken out, so that
//! the server finds no other way to it. ICE over TCP and TURN are taken out too, unless they are [`Passing`]. It
//! works for every participant, ours or others', with two peer connections or one.
#![allow(dead_code, reason = "each test uses a part")]

mod media;
mod signalling;
mod streams;

use media::Media;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use streams::Streams;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What happens to packets in one direction. Without anything set, nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Faults {
    /// The share of packets that are lost, 0 to 1.
    pub(crate) loss: f64,
    /// The share of packets that arrive twice.
    pub(crate) duplicate: f64,
    /// How long each is on its way.
    pub(crate) delay: Duration,
    /// How much longer it can be, evenly spread: packets overtake each other.
    pub(crate) jitter: Duration,
}

/// How many packets went one way.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) received: u64,
    pub(crate) lost: u64,
    pub(crate) duplicated: u64,
}

/// The server's other ways that a participant is told of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Passing {
    /// The server's addresses on TCP, as ports of the relay's.
    pub(crate) tcp: bool,
    /// What stands in the place of the URLs of its TURN servers, with the names and passwords that it gave. Packets
    /// to those do not go through the relay.
    pub(crate) turn: Vec<String>,
    /// What stands in the place of the passwords.
    pub(crate) password: Option<String>,
}

/// The faults of both directions, and what they did.
#[derive(Debug, Default)]
struct Weather {
    up: Way,
    down: Way,
    dead: bool,
    /// Packets that come from other ports are lost.
    from: Option<Range<u16>>,
    /// What passed since it was asked for.
    seen: Option<Vec<Seen>>,
}

/// A packet of sound that passed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    /// From the participant, not to it.
    pub(crate) up: bool,
    /// Bytes of UDP.
    pub(crate) length: usize,
}

#[derive(Debug, Default)]
struct Way {
    faults: Faults,
    counts: Counts,
    random: Random,
}

/// A relay; it ends with its value, and everything that passes through it.
pub(crate) struct Relay {
    url: String,
    weather: Arc<Mutex<Weather>>,
    /// Counts up when every signalling connection is to be cut.
    cuts: watch::Sender<u64>,
    /// Whether new signalling connections are refused.
    closed: watch::Sender<bool>,
    /// Counts up when every connection over TCP that carries media is to be cut.
    torn: watch::Sender<u64>,
    streams: Arc<AtomicU64>,
    passing: Arc<Mutex<Passing>>,
    accepting: JoinHandle<()>,
}

/// What every connection of a relay shares.
#[derive(Clone)]
struct Shared {
    server: String,
    media: Media,
    streams: Streams,
    passing: Arc<Mutex<Passing>>,
    cuts: watch::Receiver<u64>,
    closed: watch::Receiver<bool>,
}

impl Relay {
    /// A relay to the server at that URL (`ws://host:port`), without faults. The same seed has the same
    /// fate for the same packets.
    pub(crate) async fn start(server: &str, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let up = Way { random: Random(seed), ..Way::default() };
        let down = Way { random: Random(seed ^ 0x9e37_79b9_7f4a_7c15), ..Way::default() };
        let weather = Arc::new(Mutex::new(Weather { up, down, ..Weather::default() }));
        let (cuts, cuts_seen) = watch::channel(0);
        let (closed, closed_seen) = watch::channel(false);
        let server = server.trim_start_matches("ws://").trim_end_matches('/').to_owned();
        let media = Media::new(Arc::clone(&weather));
        let (torn, torn_seen) = watch::channel(0);
        let streams = Arc::<AtomicU64>::default();
        let passing = Arc::<Mutex<Passing>>::default();
        let shared = Shared {
            server,
            media,
            streams: Streams::new(torn_seen, Arc::clone(&streams)),
            passing: Arc::clone(&passing),
            cuts: cuts_seen,
            closed: closed_seen,
        };
        let accepting = tokio::spawn(signalling::accept(listener, shared));
        Self { url, weather, cuts, closed, torn, streams, passing, accepting }
    }

    /// What the participant connects to.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From now on: `up` for what the participant sends, `down` for what it is sent.
    pub(crate) fn set(&self, up: Faults, down: Faults) {
        let mut weather = self.weather.lock().unwrap();
        (weather.up.faults, weather.down.faults) = (up, down);
    }

    /// What participants are told of from now on, when they join or resume.
    pub(crate) fn pass(&self, passing: Passing) {
        *self.passing.lock().unwrap() = passing;
    }

    /// Ends every connection over TCP that carries media.
    pub(crate) fn tear(&self) {
        self.torn.send_modify(|torn| *torn += 1);
    }

    /// How many connections over TCP there were for media.
    pub(crate) fn streams(&self) -> u64 {
        self.streams.load(Ordering::Relaxed)
    }

    /// Packets of UDP from participants pass from these ports of theirs alone, such as a TURN server's.
    pub(crate) fn only_from(&self, ports: Range<u16>) {
        self.weather.lock().unwrap().from = Some(ports);
    }

    /// While it is dead, every packet of UDP is lost; signalling, and TCP where it passes, go on.
    pub(crate) fn set_dead(&self, dead: bool) {
        self.weather.lock().unwrap().dead = dead;
    }

    /// Ends every signalling connection as a torn cable would: without a word of farewell.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// While it is closed, new signalling connections are refused; those that are open stay.
    pub(crate) fn set_closed(&self, closed: bool) {
        self.closed.send_replace(closed);
    }

    /// The packets of sound that passed since this was asked before; from the first time on they are kept.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.weather.lock().unwrap().seen.replace(Vec::new()).unwrap_or_default()
    }

    /// What went up and down so far.
    pub(crate) fn counts(&self) -> (Counts, Counts) {
        let weather = self.weather.lock().unwrap();
        (weather.up.counts, weather.down.counts)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

impl Weather {
    /// Keeps a packet of sound in mind when somebody asked for them.
    fn note(&mut self, up: bool, packet: &[u8]) {
        // RTP, not RTCP (RFC 5761), STUN or DTLS.
        let sound = packet.len() > 12 && packet[0] >> 6 == 2 && !(64..=95).contains(&(packet[1] & 0x7f));
        if let (true, Some(seen)) = (sound, &mut self.seen) {
            seen.push(Seen { at: Instant::now(), up, length: packet.len() });
        }
    }
}

impl Way {
    /// When copies of the next packet go on; none when it is lost.
    fn next(&mut self, dead: bool) -> Vec<Duration> {
        self.counts.received += 1;
        // Each packet takes the same count of numbers, whatever becomes of it.
        let (lost, twice) = (self.random.share(), self.random.share());
        let delays = [self.random.share(), self.random.share()];
        let delays = delays.map(|share| self.faults.delay + self.faults.jitter.mul_f64(share));
        if dead || lost < self.faults.loss {
            self.counts.lost += 1;
            return Vec::new();
        }
        if twice < self.faults.duplicate {
            self.counts.duplicated += 1;
            return delays.to_vec();
        }
        delays[..1].to_vec()
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): numbers that a seed decides.
#[derive(Debug, Default)]
struct Random(u64);

impl Random {
    /// Evenly spread in 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // 53 bits are what a double holds exactly.
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// An address that stands in signalling, with the relay's port for it.
type Replaced = (SocketAddr, u16);
