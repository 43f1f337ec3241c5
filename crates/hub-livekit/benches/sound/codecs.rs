//! The codec alone: CPU and likeness by complexity, tuning and bitrate.

use crate::speech::{RATE, Speech};
use crate::{cpu, figure, likeness};
use hub_livekit::sound::codec::{
    Decode, Encode, Encoding, MAX_PACKET_BYTES, PureDecoder, PureEncoder, Tuning,
};
use hub_livekit::sound::{Format, SenderOptions};
use serde_json::{Value, json};

/// A codec to be measured.
type Pair = (Box<dyn Encode>, Box<dyn Decode>);

/// CPU s a minute, and what was encoded.
struct Timed {
    encode: f64,
    decode: f64,
    packets: Vec<Vec<u8>>,
}

fn pure(format: Format, encoding: Encoding) -> Pair {
    let encoder = PureEncoder::new(format, encoding).unwrap();
    (Box::new(encoder), Box::new(PureDecoder::new(format).unwrap()))
}

#[cfg(feature = "libopus")]
fn libopus(format: Format, encoding: Encoding) -> Pair {
    use hub_livekit::sound::codec::libopus::{LibopusDecoder, LibopusEncoder};
    let encoder = LibopusEncoder::new(format, encoding).unwrap();
    (Box::new(encoder), Box::new(LibopusDecoder::new(format).unwrap()))
}

#[cfg(feature = "libopus")]
const BESIDE: Option<fn(Format, Encoding) -> Pair> = Some(libopus);
#[cfg(not(feature = "libopus"))]
const BESIDE: Option<fn(Format, Encoding) -> Pair> = None;

pub fn measure(speech: &Speech, minutes: u32, figures: &mut Vec<Value>) {
    let format = Format::new(RATE, 1).unwrap();
    let defaults = SenderOptions::new(format);
    let base = Encoding {
        bitrate: defaults.bitrate,
        complexity: defaults.complexity,
        tuning: defaults.tuning,
        fec: false,
    };
    for complexity in 0..=10 {
        row(speech, minutes, Encoding { complexity, ..base }, figures);
    }
    for tuning in [Tuning::Likeness, Tuning::LowDelay] {
        for complexity in [0, 2, 5, 9] {
            row(speech, minutes, Encoding { complexity, tuning, ..base }, figures);
        }
    }
    for bitrate in [24_000, 48_000, 64_000] {
        row(speech, minutes, Encoding { bitrate, ..base }, figures);
    }
    row(speech, minutes, Encoding { fec: true, ..base }, figures);
}

fn row(speech: &Speech, minutes: u32, encoding: Encoding, figures: &mut Vec<Value>) {
    let Encoding { bitrate, complexity, tuning, fec, .. } = encoding;
    let fec = if fec { ", FEC" } else { "" };
    let name = format!("{tuning:?}, {} kbit/s, complexity {complexity}{fec}", bitrate / 1_000);
    let format = Format::new(RATE, 1).unwrap();
    let said = speech.seconds(60 * minutes);
    let time = |pair: fn(Format, Encoding) -> Pair| {
        let (mut encoder, mut decoder) = pair(format, encoding);
        let mut packets = Vec::new();
        let encode = cpu::of(|| packets = encode(encoder.as_mut(), &said, RATE)).as_secs_f64();
        let decode = cpu::of(|| drop(decode(decoder.as_mut(), &packets))).as_secs_f64();
        Timed { encode: encode / f64::from(minutes), decode: decode / f64::from(minutes), packets }
    };
    let ours = time(pure);
    let beside = BESIDE.map(time);
    let beside = |of: fn(&Timed) -> f64| {
        beside.as_ref().map(|measured| json!({ "name": "libopus", "value": of(measured) }))
    };
    let mut put = |what: &str, value: f64, unit: &str, peer: Option<Value>| {
        let mut figure = figure(&format!("{what}: {name}"), value, unit, Value::Null);
        if let Some(peer) = peer {
            figure["beside"] = peer;
        }
        figures.push(figure);
    };
    put("encode", ours.encode, "CPU s a minute", beside(|measured| measured.encode));
    put("decode", ours.decode, "CPU s a minute", beside(|measured| measured.decode));
    let bytes: usize = ours.packets.iter().map(Vec::len).sum();
    put("bitrate", bytes as f64 * 8.0 / f64::from(minutes * 60) / 1e3, "kbit/s", None);
    for (recording, said) in &speech.recordings {
        put(&format!("signal to noise of {recording}"), left(format, encoding, said), "dB", None);
    }
    let full = Format::new(48_000, 1).unwrap();
    let turn = std::f64::consts::TAU * 440.0 / 48_000.0;
    let tone: Vec<i16> =
        (0..96_000).map(|index| ((turn * f64::from(index)).sin() * 16_384.0) as i16).collect();
    put("signal to noise of 440 Hz", left(full, encoding, &tone), "dB", None);
}

fn left(format: Format, encoding: Encoding, said: &[i16]) -> f64 {
    let (mut encoder, mut decoder) = pure(format, encoding);
    let packets = encode(encoder.as_mut(), said, format.rate());
    likeness::decibels(said, &decode(decoder.as_mut(), &packets), format.rate())
}

fn encode(encoder: &mut dyn Encode, pcm: &[i16], rate: u32) -> Vec<Vec<u8>> {
    let mut packet = vec![0; MAX_PACKET_BYTES];
    let frames = pcm.chunks_exact(rate as usize / 50);
    frames
        .map(|frame| {
            let length = encoder.encode(frame, &mut packet).unwrap();
            packet[..length].to_vec()
        })
        .collect()
}

fn decode(decoder: &mut dyn Decode, packets: &[Vec<u8>]) -> Vec<i16> {
    let (mut pcm, mut heard) = (vec![0; 5_760], Vec::new());
    for packet in packets {
        let samples = decoder.decode(packet, &mut pcm).unwrap();
        heard.extend_from_slice(&pcm[..samples]);
    }
    heard
}
