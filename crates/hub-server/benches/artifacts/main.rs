//! An artifact of 1 GB handed in and read back, beside copying and hashing the same file; and what that
//! costs in memory. Writes one JSON document to its standard output; `cargo xtask bench artifacts` reads it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark stops at the first surprise, and its output is what it prints"
)]

mod hub;

use hub::Hub;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes of the artifact: 1 GB.
const SIZE: usize = 1_000_000_000;
/// Bytes that are read and written at once, here and in the copy.
const PIECE: usize = 256 * 1024;
/// How often each is done; the fastest counts, since others use the machine too.
const ROUNDS: usize = 3;

fn main() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = folder.path().join("artifact");
    eprintln!("a file of 1 GB …");
    make(&file);
    let mut copied = Duration::MAX;
    let (mut up, mut down) = (Duration::MAX, Duration::MAX);
    let hub = Hub::start();
    let before = hub.anonymous_mib();
    let watch = hub.watch();
    for round in 1..=ROUNDS {
        eprintln!("round {round}: copy and hash, hand in, read back …");
        copied = copied.min(copy_and_hash(&file, &folder.path().join("copy")));
        let (took, id) = timed(|| hub.hand_in(&file, SIZE));
        up = up.min(took);
        let (took, bytes) = timed(|| hub.read_back(&id));
        assert_eq!(bytes, SIZE);
        down = down.min(took);
        hub.forget(&id);
    }
    let grown = watch.most() - before;
    let seconds = |time: Duration| time.as_secs_f64();
    let beside =
        json!({ "name": "copying and hashing the file, synced", "value": seconds(copied), "unit": "s" });
    let ratio = |name: &str, time: Duration| {
        let mut figure = figure(name, seconds(time) / seconds(copied), "×", json!({ "at_most": 1.5 }));
        figure["beside"] = beside.clone();
        figure
    };
    let figures = vec![
        figure("1 GB handed in, acknowledged", seconds(up), "s", Value::Null),
        ratio("the same, against copying and hashing", up),
        figure("1 GB read back", seconds(down), "s", Value::Null),
        ratio("the same, against copying and hashing", down),
        figure("memory of the hub beside its rest, at most", grown, "MiB", json!({ "at_most": 20.0 })),
    ];
    let notes = [
        format!("the fastest of {ROUNDS} rounds; client and server share the machine"),
        "memory is the kernel's RssAnon, looked at each 5 ms".to_owned(),
    ];
    println!("{}", json!({ "figures": figures, "notes": notes }));
}

fn figure(name: &str, value: f64, unit: &str, reach: Value) -> Value {
    json!({ "name": name, "value": value, "unit": unit, "reach": reach })
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let done = work();
    (began.elapsed(), done)
}

/// Bytes that do not repeat and are of no known type.
fn make(path: &Path) {
    let mut file = File::create(path).unwrap();
    let (mut state, mut left) = (1_u64, SIZE);
    let mut piece = vec![0_u8; PIECE];
    while left > 0 {
        for word in piece.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_be_bytes());
        }
        let length = left.min(PIECE);
        file.write_all(&piece[..length]).unwrap();
        left -= length;
    }
    file.sync_all().unwrap();
}

/// What a person would do by hand: one loop, one thread, synced at its end.
fn copy_and_hash(from: &Path, to: &Path) -> Duration {
    let (took, ()) = timed(|| {
        let (mut from, mut to) = (File::open(from).unwrap(), File::create(to).unwrap());
        let (mut hash, mut piece) = (Sha256::new(), vec![0_u8; PIECE]);
        loop {
            let length = from.read(&mut piece).unwrap();
            if length == 0 {
                break;
            }
            hash.update(&piece[..length]);
            to.write_all(&piece[..length]).unwrap();
        }
        to.sync_all().unwrap();
        std::hint::black_box(hash.finalize());
    });
    std::fs::remove_file(to).unwrap();
    took
}
