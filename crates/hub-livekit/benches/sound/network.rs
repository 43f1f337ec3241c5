//! A network that loses, delays and reorders by a seed, in time that only the caller moves.

use hub_livekit::sound::{Frame, Packet, Receiver};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Numbers from a seed: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// What the network does to each packet.
#[derive(Clone, Copy)]
pub struct Faults {
    /// Share of packets that are lost.
    pub loss: f64,
    /// Longest delay beyond the shortest way, evenly spread.
    pub jitter: Duration,
    /// Share of packets that come twice.
    pub duplication: f64,
}

/// What a sender gave at a moment.
#[derive(Clone)]
pub struct Sent {
    pub at: Duration,
    pub timestamp: u32,
    pub data: Vec<u8>,
}

/// Packets on their way, by when they come.
type Way = BTreeMap<(Duration, u64), (u64, Sent)>;

/// What came out, and how it went on the way.
pub struct Heard {
    pub frames: Vec<Frame>,
    /// Delays at each frame, in milliseconds.
    pub delays: Vec<f64>,
}

impl Heard {
    /// Share of the frames that were made up in part or whole, the fade after the last packet aside.
    pub fn concealed(&self) -> f64 {
        let whole = |frame: &Frame| frame.concealed.is_zero();
        let end = self.frames.iter().rposition(whole).map_or(0, |last| last + 1);
        let concealed = self.frames.iter().take(end).filter(|frame| !whole(frame)).count();
        concealed as f64 / end.max(1) as f64
    }

    pub fn mean_delay(&self) -> f64 {
        self.delays.iter().sum::<f64>() / self.delays.len().max(1) as f64
    }
}

/// Sends packets through the network to a receiver, which is asked for frames whenever one is due.
pub fn through(
    sent: impl Iterator<Item = Sent>,
    faults: Faults,
    seed: u64,
    red: bool,
    receiver: &mut Receiver,
    mut each: impl FnMut(Frame),
) -> Vec<f64> {
    let (mut random, start) = (Random::new(seed), Instant::now());
    let mut way = Way::new();
    let (mut delays, mut order) = (Vec::new(), 0);
    let mut advance = |way: &mut Way, receiver: &mut Receiver, until: Duration| {
        let mut take = |receiver: &mut Receiver, until: Duration| {
            while let Some(due) = receiver.due().filter(|due| *due <= start + until) {
                if let Some(frame) = receiver.pull(due) {
                    delays.push(receiver.statistics().delay.as_secs_f64() * 1e3);
                    each(frame);
                }
            }
        };
        while let Some(entry) = way.first_entry().filter(|entry| entry.key().0 <= until) {
            let ((at, _), (sequence, sent)) = entry.remove_entry();
            take(receiver, at);
            let (timestamp, arrived) = (sent.timestamp, start + at);
            receiver.push(Packet { sequence, timestamp, payload: &sent.data, arrived }, red);
        }
        take(receiver, until);
    };
    for (sequence, sent) in sent.enumerate() {
        advance(&mut way, receiver, sent.at);
        if random.share() < faults.loss {
            continue;
        }
        let copies = 1 + u64::from(random.share() < faults.duplication);
        for _ in 0..copies {
            order += 1;
            let at = sent.at + faults.jitter.mul_f64(random.share());
            let copy = Sent { data: sent.data.clone(), ..sent };
            way.insert((at, order), (sequence as u64 + 1, copy));
        }
    }
    let last = way.last_key_value().map_or(Duration::ZERO, |(key, _)| key.0);
    advance(&mut way, receiver, last + Duration::from_secs(2));
    delays
}

/// The same, keeping all that is heard.
pub fn listen(
    sent: impl Iterator<Item = Sent>,
    faults: Faults,
    seed: u64,
    red: bool,
    receiver: &mut Receiver,
) -> Heard {
    let mut frames = Vec::new();
    let delays = through(sent, faults, seed, red, receiver, |frame| frames.push(frame));
    Heard { frames, delays }
}
