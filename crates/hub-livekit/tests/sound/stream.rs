//! Sound to send: a tone, and the sender that makes packets of it.

use crate::network::Sent;
use hub_livekit::sound::codec::{Decode, PureDecoder};
use hub_livekit::sound::{Format, Payload, Sender, SenderOptions, SoundError, red};
use std::time::{Duration, Instant};

pub(crate) fn format(rate: u32) -> Format {
    Format::new(rate, 1).unwrap()
}

/// A tone of half the full scale.
pub(crate) fn tone(rate: u32, hertz: f64, samples: usize) -> Vec<i16> {
    let turn = std::f64::consts::TAU * hertz / f64::from(rate);
    (0..samples).map(|index| ((turn * index as f64).sin() * 16_384.0) as i16).collect()
}

/// Harmonics of a pitch that glides, in syllables: what an encoder takes for speech.
pub(crate) fn voice(rate: u32, samples: usize) -> Vec<i16> {
    let mut turn = 0.0_f64;
    let one = |index: usize| {
        let second = index as f64 / f64::from(rate);
        turn += (120.0 + 30.0 * (second * 2.1).sin()) / f64::from(rate);
        let harmonic = |number: u32| {
            let number = f64::from(number);
            (turn * std::f64::consts::TAU * number).sin() / number
        };
        let voice: f64 = (1..20).map(harmonic).sum();
        (voice * 6_000.0 * (second * 11.0).sin().max(0.0)) as i16
    };
    (0..samples).map(one).collect()
}

/// Largest difference between neighbours.
pub(crate) fn largest_jump(samples: &[i16]) -> i32 {
    let pairs = samples.iter().zip(samples.iter().skip(1));
    pairs.map(|(one, next)| (i32::from(*one) - i32::from(*next)).abs()).max().unwrap_or(0)
}

/// What a sender makes of so much sound, pushed as it is heard.
pub(crate) fn packets(options: SenderOptions, pcm: &[i16]) -> Vec<Sent> {
    let mut sender = Sender::new(options).unwrap();
    let (start, step) = (Instant::now(), options.format.rate() as usize / 50);
    let mut sent = Vec::new();
    for (index, chunk) in pcm.chunks(step).enumerate() {
        let now = start + Duration::from_millis(20) * index as u32;
        sender.push(chunk, now).unwrap();
        while let Some(payload) = sender.poll(now) {
            sent.push(Sent { at: now - start, timestamp: payload.timestamp, data: payload.data });
        }
    }
    sent
}

/// A codec that carries PCM as it is, behind a first byte that tells 20 ms of Opus. Hours of sound pass in
/// seconds, and nothing that is heard is the codec's doing.
pub(crate) struct Bare {
    last: Vec<i16>,
}

impl Bare {
    pub(crate) fn new() -> Self {
        Self { last: Vec::new() }
    }

    pub(crate) fn encode(pcm: &[i16]) -> Vec<u8> {
        let bytes = pcm.iter().flat_map(|sample| sample.to_le_bytes());
        std::iter::once(0b1111_1000).chain(bytes).collect()
    }
}

impl Decode for Bare {
    fn decode(&mut self, packet: &[u8], pcm: &mut [i16]) -> Result<usize, SoundError> {
        self.last = packet[1..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        pcm[..self.last.len()].copy_from_slice(&self.last);
        Ok(self.last.len())
    }

    fn recover(&mut self, _: &[u8], pcm: &mut [i16]) -> Result<usize, SoundError> {
        self.conceal(pcm)
    }

    fn conceal(&mut self, pcm: &mut [i16]) -> Result<usize, SoundError> {
        for (place, sample) in pcm.iter_mut().zip(self.last.iter().cycle()) {
            *place = *sample;
        }
        Ok(pcm.len())
    }
}

/// What a plain decoder hears of payloads that all came.
pub(crate) fn decode<'a>(format: Format, payloads: impl Iterator<Item = &'a Payload>, red: bool) -> Vec<i16> {
    let mut decoder = PureDecoder::new(format).unwrap();
    let mut heard = Vec::new();
    for payload in payloads {
        let blocks = red::parse(&payload.data);
        let data = if red { blocks.unwrap().last().unwrap().payload } else { &payload.data };
        let mut pcm = vec![0; 5_760 * usize::from(format.channels())];
        let samples = decoder.decode(data, &mut pcm).unwrap();
        heard.extend(&pcm[..samples * usize::from(format.channels())]);
    }
    heard
}
