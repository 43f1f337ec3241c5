//! Sound: what it costs and what is left of it. Writes one JSON document to its standard output;
//! `cargo xtask bench sound` reads it.
//!
//! Arguments: names of parts (`codec`, `participant`, `network`, `drift`), which run those alone;
//! `--minutes N` of sound for what is timed (2); `--hours N` for the drift (24); `--keep FOLDER` for what `codec`
//! decodes, a WAV file a recording and setting beside what was said, for whoever judges it by other means. With the feature `libopus` the
//! same is measured of libopus. Speech is `audio/*.wav` of the folder that `HUB_TEST_DATA` names, or of
//! `../shared/data`; where neither is there, a voice is made up, and the notes say so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a benchmark stops at the first surprise, measures the machine's time, and its output is what it prints"
)]

mod clocks;
mod codecs;
mod cpu;
mod faults;
mod likeness;
mod network;
mod participant;
mod speech;

use serde_json::{Value, json};
use speech::Speech;
use std::path::Path;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u32| {
        let place = arguments.iter().position(|argument| argument == name);
        place.map_or(default, |place| arguments[place + 1].parse().expect("a number"))
    };
    let (minutes, hours) = (number("--minutes", 2), number("--hours", 24));
    let parts = ["codec", "participant", "network", "drift"];
    let all = !arguments.iter().any(|argument| parts.contains(&argument.as_str()));
    let wants = |part: &str| all || arguments.iter().any(|argument| argument == part);
    let keep = arguments.iter().position(|argument| argument == "--keep");
    let keep = keep.map(|place| Path::new(&arguments[place + 1]));
    let speech = Speech::find();
    let mut figures = Vec::new();
    if wants("codec") {
        codecs::measure(&speech, minutes, keep, &mut figures);
    }
    if wants("participant") {
        participant::memory(&speech, &mut figures);
        participant::measure(&speech, minutes, &mut figures);
    }
    if wants("network") {
        faults::measure(&speech, &mut figures);
    }
    if wants("drift") {
        clocks::measure(hours, &mut figures);
    }
    let notes = [
        speech.note(),
        "CPU is the time of the thread, as the kernel counts it.".to_owned(),
        "Signal to noise is over all of a recording, after the delay of the codec, without a change of gain; \
         a codec for speech keeps what is heard rather than the wave, so compare rows, not codecs."
            .to_owned(),
        "Networks are simulated in virtual time by a seed; the delay is from when the fastest packet of late \
         would have come."
            .to_owned(),
    ];
    println!("{}", json!({ "figures": figures, "notes": notes }));
}

fn figure(name: &str, value: f64, unit: &str, reach: Value) -> Value {
    eprintln!("{name}: {value:.4} {unit}");
    json!({ "name": name, "value": value, "unit": unit, "reach": reach })
}
