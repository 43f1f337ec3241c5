//! What must hold for any bytes at all that a server or another participant sends, a function for each target of
//! `fuzz/`. A panic is a finding. The tests here drive the same functions.

use crate::session::rehearsal::Stage;
use crate::sound::{Format, Packet, Receiver, ReceiverOptions, red};
use std::time::{Duration, Instant};

thread_local! {
    static STAGE: Stage = Stage::new();
}

/// The longest delay that a receiver may have, with the frame that is being played.
const LONGEST_DELAY: Duration = Duration::from_millis(1_700);

/// Messages of signalling, each after its length in two bytes: what cannot be read is passed over, nothing grows
/// without bound, and whoever is in the room was told.
pub fn signalling(bytes: &[u8]) {
    STAGE.with(|stage| {
        stage.play(|session| parts(bytes).for_each(|part| session.rehearse_signal(part)));
    });
}

/// Messages of a data channel, cut in the same way: streams, calls, and what is passed on as it is.
pub fn packet(bytes: &[u8]) {
    STAGE.with(|stage| {
        stage.play(|session| {
            let mut calls = session.rehearse_serving("method");
            for part in parts(bytes) {
                session.rehearse_message(part);
            }
            while calls.try_recv().is_ok() {}
        });
    });
}

/// What a TURN server says, cut in the same way: see `rehearse` of the relay's client.
pub fn relay(bytes: &[u8]) {
    let _relayed = crate::transport::rehearse(parts(bytes));
}

/// A payload of RED: its blocks lie within it, one after the other, and nothing is counted twice.
pub fn redundant(bytes: &[u8]) {
    let Ok(blocks) = red::parse(bytes) else { return };
    let together: Vec<u8> = blocks.iter().flat_map(|block| block.payload).copied().collect();
    let headers = bytes.len() - together.len();
    assert_eq!(headers, blocks.len() * 4 - 3);
    assert_eq!(bytes.get(headers..), Some(&together[..]));
}

/// Packets of a track, each with how its number, its time and its arrival differ from the last one's: frames are
/// whole, follow each other, and never wait longer than was said.
pub fn track(bytes: &[u8]) {
    let format = Format::new(16_000, 1).unwrap();
    let mut receiver = Receiver::new(ReceiverOptions::new(format)).unwrap();
    let (mut sequence, mut timestamp, mut now, mut last) = (1_000_u64, 0_u32, Instant::now(), None);
    let mut pushed = 0;
    let mut rest = bytes;
    while let [kind, number, time, wait, length, after @ ..] = rest {
        let (payload, next) = after.split_at(usize::from(*length).min(after.len()));
        rest = next;
        let far = if kind & 2 == 0 { 1 } else { 1 << (kind >> 2 & 31) };
        sequence = sequence.wrapping_add_signed(i64::from(*number as i8) * far);
        timestamp = timestamp.wrapping_add_signed((i64::from(*time as i8) * 240 * far) as i32);
        now += Duration::from_millis(u64::from(*wait));
        receiver.push(Packet { sequence, timestamp, payload, arrived: now }, kind & 1 == 1);
        pushed += 1;
        while let Some(frame) = receiver.pull(now) {
            assert_eq!(frame.samples.len(), 160);
            assert!(frame.due <= now && last.is_none_or(|last| frame.due > last));
            last = Some(frame.due);
        }
        let statistics = receiver.statistics();
        assert!(statistics.delay < LONGEST_DELAY, "{statistics:?}");
        assert_eq!(statistics.received, pushed);
    }
}

/// Parts after their lengths, which may lie: the last is what is left.
fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let [high, low, after @ ..] = rest else { return None };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (part, next) = after.split_at(length.min(after.len()));
        rest = next;
        Some(part)
    })
}

#[cfg(test)]
mod tests;
