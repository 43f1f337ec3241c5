//! PCM in, payloads out, one each 20 ms.

mod clock;
mod options;
mod queue;

use super::codec::{Encode, MAX_PACKET_BYTES, PureEncoder};
use super::red::Composer;
use super::{QueueFull, SoundError, ticks};
use clock::Clock;
use queue::Queue;
use std::fmt;
use std::time::{Duration, Instant};

pub use options::SenderOptions;
pub use queue::{Position, Pushed};

/// Length of a packet.
const PACKET: Duration = Duration::from_millis(20);
/// Sound that is pushed as it is heard comes a little early or late; so long a packet waits for it.
const GRACE: Duration = Duration::from_millis(10);
/// A piece that is shorter than a packet waits this long for more when nothing is being sent.
const PATIENCE: Duration = Duration::from_millis(20);
/// A caller that comes this much too late does not send everything at once.
const ASLEEP: Duration = Duration::from_millis(200);
/// Packets of silence after the end of sound, before nothing more is sent: half a second at most, less when
/// the encoder says earlier that it is silent.
const TAIL: u32 = 25;
/// What stays below this, 50 dB under full scale, is taken for silence. The encoder judges by itself, but it
/// takes a steady tone for background.
const QUIET: u16 = 100;
/// An Opus packet that says no more than that there is silence has one or two bytes.
const SILENT_BYTES: usize = 2;

/// What is to be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The payload of an RTP packet.
    pub data: Vec<u8>,
    /// Its timestamp, 48,000 a second.
    pub timestamp: u32,
    /// The first packet of a stretch of sound, after a time in which nothing was sent.
    pub marker: bool,
    /// RED (RFC 2198) rather than plain Opus.
    pub red: bool,
    /// It holds sound that was pushed, not silence of our own.
    pub sound: bool,
    /// How loud the newest frame is, in dB below the loudest: 0 to 127, which is silence (RFC 6464).
    pub level: u8,
}

/// Totals since the sender was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SenderStatistics {
    /// Payloads given.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Packets that held nothing but silence and were not sent.
    pub suppressed: u64,
    /// Times that sound ended because nothing more was pushed.
    pub ended: u64,
    /// Frames that the encoder refused, which cannot be.
    pub refused: u64,
}

/// Holds PCM until it is due and encodes it, 20 ms at a time.
///
/// Whatever is pushed is *queued*, until it goes into a payload and is *played*, or is *discarded* by
/// [`Sender::clear`]: see [`Position`].
pub struct Sender {
    options: SenderOptions,
    encoder: Box<dyn Encode>,
    composer: Option<Composer>,
    queue: Queue,
    clock: Clock,
    paused: bool,
    /// Packets of silence that are still to be sent.
    tail: u32,
    /// The last packet had sound in it, so that silence must not begin with a jump.
    sounding: bool,
    /// The encoder is allowed to be silent.
    quiet: bool,
    /// It was, at the last packet.
    silent: bool,
    /// A packet of silence was left out since the last that was sent.
    withheld: bool,
    last_push: Option<Instant>,
    frame: Vec<i16>,
    packet: Vec<u8>,
    statistics: SenderStatistics,
}

impl Sender {
    /// A sender that encodes by the pure-Rust codec.
    ///
    /// # Errors
    /// Options that are outside of what they may be.
    pub fn new(options: SenderOptions) -> Result<Self, SoundError> {
        options.check()?;
        Self::with_encoder(options, Box::new(PureEncoder::new(options.format, options.encoding())?))
    }

    /// A sender with an encoder of the caller's, which must take PCM of the format in `options`.
    ///
    /// # Errors
    /// Options that are outside of what they may be.
    pub fn with_encoder(options: SenderOptions, encoder: Box<dyn Encode>) -> Result<Self, SoundError> {
        options.check()?;
        let samples = options.format.samples(ticks::PACKET);
        let distance = usize::from(options.red_distance);
        Ok(Self {
            encoder,
            composer: (distance > 0).then(|| Composer::new(options.payload_type, distance)),
            queue: Queue::new(options.format, options.queue),
            clock: Clock::new(options.timestamp),
            paused: false,
            tail: 0,
            sounding: false,
            quiet: false,
            silent: false,
            withheld: false,
            last_push: None,
            frame: vec![0; samples * options.format.width()],
            packet: vec![0; MAX_PACKET_BYTES],
            statistics: SenderStatistics::default(),
            options,
        })
    }

    /// Adds interleaved PCM of any length, all of it or nothing. Half a stereo sample waits for its other
    /// half.
    ///
    /// # Errors
    /// The queue has no room for it.
    pub fn push(&mut self, samples: &[i16], now: Instant) -> Result<Pushed, QueueFull> {
        let pushed = self.queue.push(samples)?;
        if !samples.is_empty() {
            self.last_push = Some(now);
        }
        Ok(pushed)
    }

    /// Throws away what is queued. Nothing of it, nor a copy of what was sent before, is in any payload that
    /// follows: the sound is faded out in 5 ms by what was played last, turned round.
    pub fn clear(&mut self) {
        self.queue.clear();
        if let Some(composer) = &mut self.composer {
            composer.clear();
        }
    }

    /// Stops sending what is queued, and keeps it.
    pub fn pause(&mut self) {
        self.paused = true;
    }

    /// Goes on where it was paused.
    pub fn resume(&mut self, now: Instant) {
        if self.paused {
            self.paused = false;
            self.last_push = self.last_push.map(|_| now);
        }
    }

    /// Sound is held back by [`Sender::pause`].
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// How far the sound is, in samples a channel.
    pub fn position(&self) -> Position {
        self.queue.position()
    }

    /// What was done so far.
    pub fn statistics(&self) -> SenderStatistics {
        self.statistics
    }

    /// When [`Sender::poll`] has something to do; `None` while there is nothing to send.
    pub fn due(&self) -> Option<Instant> {
        let slot = self.clock.slot();
        let waiting = if self.paused { 0 } else { self.queue.len() };
        if waiting >= self.frame_length() {
            let ready = self.last_push?;
            return Some(slot.map_or(ready, |slot| if self.running() { slot } else { slot.max(ready) }));
        }
        let cut_short = self.paused || self.queue.was_cleared();
        match slot {
            Some(slot) if self.sounding && cut_short => Some(slot),
            Some(slot) if self.sounding => Some(slot + GRACE),
            Some(slot) if self.running() && waiting == 0 => Some(slot),
            Some(slot) if self.running() => Some(slot + GRACE),
            _ if waiting > 0 => {
                let patient = self.last_push? + PATIENCE;
                Some(slot.map_or(patient, |slot| slot.max(patient)))
            }
            _ => None,
        }
    }

    /// The payload that is due at `now`; `None` when there is none. A caller that comes late calls again
    /// until there is none.
    pub fn poll(&mut self, now: Instant) -> Option<Payload> {
        loop {
            let due = self.due().filter(|due| *due <= now)?;
            let running = self.running();
            self.clock.begin(due, now, running);
            let sound = self.compose_frame();
            if let Some(payload) = self.encode(sound, !running) {
                return Some(payload);
            }
        }
    }

    /// Packets are being sent, be it of silence.
    fn running(&self) -> bool {
        self.sounding || self.tail > 0
    }

    /// Samples a channel in a packet.
    fn frame_length(&self) -> usize {
        self.frame.len() / self.options.format.width()
    }

    /// Fills the frame with what is to be heard and tells whether there is sound of the caller's in it.
    fn compose_frame(&mut self) -> bool {
        let width = self.options.format.width();
        let ended_before = if self.sounding { self.queue.last_played().to_vec() } else { Vec::new() };
        let cut = self.sounding && self.queue.was_cleared();
        let taken = if self.paused { 0 } else { self.queue.take(&mut self.frame) };
        let missing = self.frame.iter_mut().skip(taken * width);
        missing.for_each(|sample| *sample = 0);
        if taken > 0 && (cut || !self.sounding && self.queue.is_torn()) {
            queue::fade_in(&mut self.frame, width);
        }
        if cut || taken == 0 {
            queue::fade_out(&mut self.frame, 0, &ended_before, width);
        }
        let filled = taken == self.frame_length();
        let ended = !filled && (self.sounding || taken > 0);
        if !filled {
            queue::fade_out(&mut self.frame, taken * width, self.queue.fading(taken), width);
            self.statistics.ended += u64::from(ended);
            self.tail = if ended { TAIL } else { self.tail.saturating_sub(1) };
        }
        self.sounding = filled;
        self.queue.settle(self.paused, taken > 0, ended);
        taken > 0
    }

    fn encode(&mut self, sound: bool, marker: bool) -> Option<Payload> {
        let quiet = self.options.dtx && self.frame.iter().all(|sample| sample.unsigned_abs() < QUIET);
        if quiet != self.quiet && self.encoder.set_dtx(quiet).is_ok() {
            self.quiet = quiet;
        }
        let length = self.encoder.encode(&self.frame, &mut self.packet);
        let timestamp = self.clock.advance();
        let Some(frame) = length.ok().and_then(|length| self.packet.get(..length)) else {
            self.statistics.refused += 1;
            return None;
        };
        let silent = self.options.dtx && frame.len() <= SILENT_BYTES;
        let again = std::mem::replace(&mut self.silent, silent) && silent;
        if silent && !sound {
            self.tail = 0;
        } else if !self.options.dtx && !sound {
            // Without discontinuous transmission silence goes on for ever.
            self.tail = TAIL;
        }
        if again {
            self.withheld = true;
            self.statistics.suppressed += 1;
            return None;
        }
        let marker = std::mem::take(&mut self.withheld) || marker;
        let (data, red) = match &mut self.composer {
            Some(composer) => (composer.compose(timestamp, frame), true),
            None => (frame.to_vec(), false),
        };
        self.statistics.packets += 1;
        self.statistics.bytes += data.len() as u64;
        Some(Payload { data, timestamp, marker, red, sound, level: level(&self.frame) })
    }
}

/// Loudness of a frame in dB below that of the loudest square wave, as RFC 6464 has it.
fn level(frame: &[i16]) -> u8 {
    let power: f64 = frame.iter().map(|&sample| f64::from(sample) * f64::from(sample)).sum();
    let mean = power / frame.len().max(1) as f64 / (32_768.0 * 32_768.0);
    (-10.0 * mean.log10()).round().clamp(0.0, 127.0) as u8
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("options", &self.options)
            .field("position", &self.position())
            .field("paused", &self.paused)
            .field("statistics", &self.statistics)
            .finish_non_exhaustive()
    }
}
