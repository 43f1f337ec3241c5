//! Packets of one remote track in, PCM out.

mod decision;
mod incoming;
mod options;
mod playing;
mod statistics;

use super::codec::{Decode, PureDecoder};
use super::drift::Drift;
use super::jitter::{Arrivals, Seen, Store};
use super::resample::Varying;
use super::stretch::Pcm;
use super::{Format, SoundError, ticks};
use statistics::Counts;
use std::fmt;
use std::time::{Duration, Instant};

pub use options::ReceiverOptions;
pub use statistics::ReceiverStatistics;

/// One packet as it came from the network.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// The sequence number of RTP, followed over its wraps.
    pub sequence: u64,
    /// The timestamp of RTP, 48,000 a second.
    pub timestamp: u32,
    /// What the packet holds, without the header of RTP.
    pub payload: &'a [u8],
    /// When it came. Moments may repeat or step back a little; later packets play as if they came in order.
    pub arrived: Instant,
}

/// A piece of sound that is to be played at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Interleaved PCM of the format that was asked for.
    pub samples: Vec<i16>,
    /// When it was due: frames of one stretch of sound follow each other without a gap, and what lies between
    /// two stretches is silence of that length.
    pub due: Instant,
    /// How much of it was made up, since nothing came in time.
    pub concealed: Duration,
}

/// Orders the packets of a track, waits for the late ones as long as pays, and decodes them.
///
/// All memory is bounded: at most 512 packets of at most 2,550 bytes wait. See [`ReceiverStatistics`] for
/// what it did.
pub struct Receiver {
    options: ReceiverOptions,
    format: Format,
    decoder: Box<dyn Decode>,
    resampler: Varying,
    pcm: Pcm,
    scratch: Vec<i16>,
    arrivals: Arrivals,
    drift: Drift,
    seen: Seen,
    store: Store,
    counts: Counts,
    /// The moment from which ticks are counted: the first packet's.
    epoch: Option<Instant>,
    /// The newest timestamp, by which the next is followed over its wrap.
    newest: i64,
    stray: Option<Stray>,
    playing: Option<Playing>,
    /// End of the last sound that was played.
    heard_until: i64,
}

/// A packet of another time line: two in a row, and the stream has begun anew.
#[derive(Debug, Clone, Copy)]
struct Stray {
    sequence: u64,
    transit: i64,
}

/// A stretch of sound that is being played.
#[derive(Debug)]
struct Playing {
    /// The timestamp that is decoded next.
    position: i64,
    /// When the next frame is to be given, in ticks from the epoch.
    due: i64,
    /// The number of the last packet that was decoded.
    sequence: Option<u64>,
    /// That packet said that silence follows.
    silent: bool,
    /// Length of that packet.
    length: i64,
    /// Ticks of sound that were made since that packet without one.
    made: i64,
    /// By how much the delay is longer than it needs to be, when a packet was last looked for.
    excess: i64,
    /// Ticks of sound since the last change of its length.
    unstretched: i64,
    /// Sound was made up because nothing at all was there, so that what comes late can still be played.
    starved: bool,
}

impl Receiver {
    /// A receiver that decodes by the pure-Rust codec.
    ///
    /// # Errors
    /// Options that are outside of what they may be.
    pub fn new(options: ReceiverOptions) -> Result<Self, SoundError> {
        Self::with_decoder(options, Box::new(PureDecoder::new(options.format)?))
    }

    /// A receiver with a decoder of the caller's, which must give PCM of the format in `options`.
    ///
    /// # Errors
    /// Options that are outside of what they may be.
    pub fn with_decoder(options: ReceiverOptions, decoder: Box<dyn Decode>) -> Result<Self, SoundError> {
        options.check()?;
        let format = options.format;
        let frame = format.samples(ticks::of(options.frame));
        Ok(Self {
            format,
            options,
            decoder,
            resampler: Varying::for_drift(format, frame)?,
            pcm: Pcm::new(format),
            scratch: vec![0; format.samples(6 * ticks::PACKET) * format.width()],
            arrivals: Arrivals::default(),
            drift: Drift::default(),
            seen: Seen::default(),
            store: Store::default(),
            counts: Counts::default(),
            epoch: None,
            newest: 0,
            stray: None,
            playing: None,
            heard_until: i64::MIN,
        })
    }

    /// When the next frame is to be taken; `None` while nothing is expected: ask again after a packet.
    pub fn due(&self) -> Option<Instant> {
        let playing = self.playing.as_ref()?;
        Some(ticks::after(self.epoch?, playing.due))
    }

    /// What was done so far, and the delay now.
    pub fn statistics(&self) -> ReceiverStatistics {
        let delay = self.playing.as_ref().and_then(|playing| self.delay(playing)).unwrap_or(0);
        self.counts.tell(self.seen.missing(), delay, self.wanted(), self.drift.ppm())
    }

    /// How much later the next undecoded sound would be given than the fastest packet of its time could have
    /// come.
    fn delay(&self, playing: &Playing) -> Option<i64> {
        let waiting = self.format.ticks(self.pcm.len());
        Some(playing.due + waiting - playing.position - self.arrivals.shortest()?)
    }

    /// What that is to be. A packet is decoded when a frame is taken that needs it, and since the clocks of
    /// sender and caller turn against each other, that is anything up to a frame before it is heard.
    fn wanted(&self) -> i64 {
        let spread = self.arrivals.wanted(ticks::of(self.options.initial_delay));
        let wanted = spread + options::MARGIN + ticks::of(self.options.frame);
        wanted.clamp(ticks::of(self.options.min_delay), ticks::of(self.options.max_delay))
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("options", &self.options)
            .field("playing", &self.playing)
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}
