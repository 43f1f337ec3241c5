//! A day with a sender whose clock is not ours.

use crate::figure;
use crate::network::{Faults, Sent, through};
use hub_livekit::sound::codec::Decode;
use hub_livekit::sound::{Format, Receiver, ReceiverOptions, SoundError};
use serde_json::{Value, json};
use std::time::Duration;

const RATE: u32 = 16_000;

/// PCM as it is, behind a byte that tells 20 ms of Opus: what is heard is the receiver's doing alone.
struct Bare(Vec<i16>);

impl Decode for Bare {
    fn decode(&mut self, packet: &[u8], pcm: &mut [i16]) -> Result<usize, SoundError> {
        self.0 = packet[1..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        pcm[..self.0.len()].copy_from_slice(&self.0);
        Ok(self.0.len())
    }

    fn recover(&mut self, _: &[u8], pcm: &mut [i16]) -> Result<usize, SoundError> {
        self.conceal(pcm)
    }

    fn conceal(&mut self, pcm: &mut [i16]) -> Result<usize, SoundError> {
        let sound = self.0.iter().cycle();
        pcm.iter_mut().zip(sound).for_each(|(place, sample)| *place = *sample);
        Ok(pcm.len())
    }
}

pub fn measure(hours: u32, figures: &mut Vec<Value>) {
    for (ppm, jitter) in [(100.0, 2), (-100.0, 2), (100.0, 40)] {
        let case = format!("{hours} h at {ppm:+} ppm, {jitter} ms jitter");
        let (jump, most, concealed) = run(ppm, jitter, hours);
        let once = json!({ "at_most": 1.05 });
        figures.push(figure(&format!("{case}: largest jump"), jump, "of the tone's own", once));
        figures.push(figure(&format!("{case}: longest delay"), most, "ms", Value::Null));
        // After the last packet 120 ms are made up.
        figures.push(figure(&format!("{case}: concealed"), concealed, "ms", json!({ "at_most": 120.0 })));
    }
}

fn run(ppm: f64, jitter: u64, hours: u32) -> (f64, f64, f64) {
    let options = ReceiverOptions::new(Format::new(RATE, 1).unwrap());
    let mut receiver = Receiver::with_decoder(options, Box::new(Bare(Vec::new()))).unwrap();
    let turn = std::f64::consts::TAU * 400.0 / f64::from(RATE);
    let tone: Vec<i16> = (0..320).map(|index| ((turn * f64::from(index)).sin() * 16_384.0) as i16).collect();
    let own = jump(&tone);
    let bytes = tone.iter().flat_map(|sample| sample.to_le_bytes());
    let packet: Vec<u8> = std::iter::once(0b1111_1000).chain(bytes).collect();
    let sent = (0..hours * 180_000).map(|index| Sent {
        at: Duration::from_secs_f64(f64::from(index) * 0.02 / (1.0 + ppm / 1e6)),
        timestamp: index.wrapping_mul(960),
        data: packet.clone(),
    });
    let faults = Faults { loss: 0.0, jitter: Duration::from_millis(jitter), duplication: 0.0 };
    let (mut last, mut largest, mut frames) = (None, 0, 0_u64);
    let delays = through(sent, faults, 1, false, &mut receiver, |frame| {
        frames += 1;
        // The first frames are faded in.
        if frames > 10 {
            let samples: Vec<i16> = last.into_iter().chain(frame.samples.iter().copied()).collect();
            largest = largest.max(jump(&samples));
        }
        last = frame.samples.last().copied();
    });
    let settled = delays.iter().skip(6_000);
    let most = settled.copied().fold(0.0, f64::max);
    let concealed = receiver.statistics().concealed.as_secs_f64() * 1e3;
    (f64::from(largest) / f64::from(own), most, concealed)
}

fn jump(samples: &[i16]) -> i32 {
    let pairs = samples.iter().zip(samples.iter().skip(1));
    pairs.map(|(one, next)| (i32::from(*one) - i32::from(*next)).abs()).max().unwrap_or(0)
}
