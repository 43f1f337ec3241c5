//! The codec alone: CPU and likeness by complexity, tuning and bitrate.

use crate::speech::{RATE, Speech};
use crate::{cpu, figure, likeness};
use hub_livekit::sound::codec::{
    Decode, Encode, Encoding, MAX_PACKET_BYTES, PureDecoder, PureEncoder, Tuning,
};
use hub_livekit::sound::{Format, SenderOptions};
use serde_json::{Value, json};
use std::path::Path;

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

pub fn measure(speech: &Speech, minutes: u32, keep: Option<&Path>, figures: &mut Vec<Value>) {
    let format = Format::new(RATE, 1).unwrap();
    let defaults = SenderOptions::new(format);
    let base = Encoding {
        bitrate: defaults.bitrate,
        complexity: defaults.complexity,
        tuning: defaults.tuning,
        fec: false,
    };
    let mut rows: Vec<Encoding> = (0..=10).map(|complexity| Encoding { complexity, ..base }).collect();
    for tuning in [Tuning::Likeness, Tuning::LowDelay] {
        rows.extend([0, 2, 5, 9].map(|complexity| Encoding { complexity, tuning, ..base }));
        rows.extend([48_000, 64_000].map(|bitrate| Encoding { bitrate, tuning, ..base }));
    }
    rows.extend([24_000, 48_000, 64_000].map(|bitrate| Encoding { bitrate, ..base }));
    rows.push(Encoding { fec: true, ..base });
    for encoding in rows {
        row(speech, minutes, encoding, figures);
        if let Some(folder) = keep {
            for (recording, said) in &speech.recordings {
                save(&folder.join(recording), encoding, said);
            }
        }
    }
}

fn name(encoding: Encoding) -> String {
    let Encoding { bitrate, complexity, tuning, fec, .. } = encoding;
    let fec = if fec { ", FEC" } else { "" };
    format!("{tuning:?}, {} kbit/s, complexity {complexity}{fec}", bitrate / 1_000)
}

/// Writes what was said, and what is heard of it, without the delay of the codec.
fn save(folder: &Path, encoding: Encoding, said: &[i16]) {
    std::fs::create_dir_all(folder).unwrap();
    let (mut encoder, mut decoder) = pure(Format::new(RATE, 1).unwrap(), encoding);
    let heard = decode(decoder.as_mut(), &encode(encoder.as_mut(), said, RATE));
    let shift = likeness::shift(said, &heard, RATE);
    write_wav(&folder.join("said.wav"), said);
    let file = name(encoding).replace(" kbit/s", "").replace(", ", "-").replace(' ', "-");
    write_wav(&folder.join(format!("{file}.wav")), &heard[shift..]);
}

fn write_wav(file: &Path, pcm: &[i16]) {
    let bytes = u32::try_from(2 * pcm.len()).unwrap();
    let mut wav = Vec::with_capacity(44 + 2 * pcm.len());
    wav.extend(b"RIFF");
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    // PCM, one channel; the rate, bytes a second, bytes and bits a sample.
    wav.extend([1_u16, 1].iter().flat_map(|word| word.to_le_bytes()));
    wav.extend([RATE, 2 * RATE].iter().flat_map(|word| word.to_le_bytes()));
    wav.extend([2_u16, 16].iter().flat_map(|word| word.to_le_bytes()));
    wav.extend(b"data");
    wav.extend(bytes.to_le_bytes());
    wav.extend(pcm.iter().flat_map(|sample| sample.to_le_bytes()));
    std::fs::write(file, wav).unwrap();
}

fn row(speech: &Speech, minutes: u32, encoding: Encoding, figures: &mut Vec<Value>) {
    let name = name(encoding);
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
