//! Streams that are not as they should be, by accident or on purpose.

use crate::hearing::{MS, receiver, second, step, take};
use crate::network::Random;
use crate::stream::format;
use hub_livekit::sound::codec::{Decode, PureDecoder};
use hub_livekit::sound::{Packet, ReceiverStatistics};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Two seconds of a stream, the second of which is elsewhere.
fn jump(sequence: u64, timestamp: u32) -> ReceiverStatistics {
    let (mut receiver, start) = (receiver(48_000), Instant::now());
    for (index, data) in (0_u32..).zip(second().iter().chain(&second())) {
        let (mut number, mut time) = (100_000 + u64::from(index), index * 960);
        if index >= 50 {
            (number, time) = (number.wrapping_add(sequence), time.wrapping_add(timestamp));
        }
        step(&mut receiver, start, 20 * MS * index, (number, time, data));
    }
    take(&mut receiver, start + 3_000 * MS);
    receiver.statistics()
}

#[test]
fn a_stream_that_begins_anew_is_heard_from_its_second_packet() {
    let others =
        [(0, 1 << 30), (0, 3 << 30), (50_000, 0), (0_u64.wrapping_sub(60_000), 1 << 31), (1 << 40, 77)];
    for (sequence, timestamp) in others {
        let statistics = jump(sequence, timestamp);
        assert_eq!(statistics.restarts, 1, "{sequence} {timestamp}: {statistics:?}");
        assert_eq!(statistics.refused, 1);
        assert!(statistics.decoded >= 93, "{statistics:?}");
        assert!(statistics.delay < 60 * MS, "{statistics:?}");
        assert!(statistics.lost <= 1, "{statistics:?}");
    }
}

#[test]
fn a_single_freak_is_ignored() {
    let (mut receiver, start) = (receiver(48_000), Instant::now());
    for (index, data) in (0_u32..).zip(second()) {
        let freak = if index % 10 == 5 { 1 << 29 } else { 0 };
        step(&mut receiver, start, 20 * MS * index, (index.into(), index * 960 + freak, &data));
    }
    let statistics = receiver.statistics();
    assert_eq!((statistics.refused, statistics.restarts), (5, 0));
    assert!(statistics.decoded >= 40);
}

/// Ten seconds of a hundred packets in the time of one, with timestamps of anywhere in the next so many ticks,
/// and then six in which the sender behaves.
fn flood(ahead: u64) -> (ReceiverStatistics, ReceiverStatistics, usize) {
    let (mut receiver, start) = (receiver(16_000), Instant::now());
    let data = second();
    let mut random = Random::new(9);
    let (mut number, mut frames) = (0, 0);
    for index in 0_u32..500 {
        let at = 20 * MS * index;
        for _ in 0..99 {
            number += 1;
            let anywhere = index * 960 + (random.next() % ahead) as u32;
            frames += step(&mut receiver, start, at, (number, anywhere, &data[7])).len();
        }
        number += 1;
        frames += step(&mut receiver, start, at, (number, index * 960, &data[index as usize % 50])).len();
    }
    let flooded = receiver.statistics();
    for index in 500_u32..800 {
        number += 1;
        let packet = (number, index * 960, &data[index as usize % 50][..]);
        step(&mut receiver, start, 20 * MS * index, packet);
    }
    (flooded, receiver.statistics(), frames)
}

#[test]
fn a_flood_is_bounded_and_the_stream_goes_on() {
    for ahead in [19_200, 96_000, 1 << 31] {
        let (flooded, calm, frames) = flood(ahead);
        assert!(flooded.refused + flooded.late > 30_000, "{ahead}: {flooded:?}");
        assert!(ahead > 19_200 || flooded.refused > 10_000, "no more than 512 wait: {flooded:?}");
        assert!(frames < 1_020, "{ahead}: sound is handed out at its own pace: {frames}");
        assert!(calm.decoded - flooded.decoded > 200, "{ahead}: {calm:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Any bytes, at any time, in any order, as Opus or as RED: nothing stops, and what comes out is on time.
    #[test]
    fn garbage_is_survived(
        packets in proptest::collection::vec(
            (any::<u16>(), any::<u32>(), 0_u64..200, any::<bool>(), proptest::collection::vec(any::<u8>(), 0..80)),
            1..80,
        ),
        near: bool,
    ) {
        let (mut receiver, start) = (receiver(16_000), Instant::now());
        let mut now = start;
        let mut last = None;
        for (index, (sequence, timestamp, wait, red, payload)) in packets.iter().enumerate() {
            now += MS * *wait as u32;
            let (mut sequence, mut timestamp) = (u64::from(*sequence), *timestamp);
            if near {
                (sequence, timestamp) = (index as u64 + sequence % 4, index as u32 * 960 + timestamp % 4_000);
            }
            receiver.push(Packet { sequence, timestamp, payload, arrived: now }, *red);
            while let Some(frame) = receiver.pull(now) {
                prop_assert_eq!(frame.samples.len(), 160);
                prop_assert!(frame.due <= now);
                prop_assert!(last.is_none_or(|last| frame.due > last));
                last = Some(frame.due);
            }
            let statistics = receiver.statistics();
            prop_assert!(statistics.delay < Duration::from_millis(1_700), "{:?}", statistics);
        }
        prop_assert_eq!(receiver.statistics().received, packets.len() as u64);
    }

    /// The codec itself.
    #[test]
    fn the_decoder_refuses_garbage(packets in proptest::collection::vec(
        proptest::collection::vec(any::<u8>(), 1..200), 1..20,
    )) {
        let mut decoder = PureDecoder::new(format(48_000)).unwrap();
        let mut pcm = vec![0; 5_760];
        for packet in packets {
            if let Ok(samples) = decoder.decode(&packet, &mut pcm) {
                prop_assert!(samples <= 5_760);
            }
            let _ = decoder.recover(&packet, &mut pcm[..960]);
        }
    }
}
