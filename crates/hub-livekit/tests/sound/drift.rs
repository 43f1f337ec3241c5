//! Hours with a sender whose clock is not ours.

use crate::network::{Faults, Random, Sent, through};
use crate::stream::{Bare, format, largest_jump, tone};
use hub_livekit::sound::{Receiver, ReceiverOptions};
use std::time::Duration;

const RATE: u32 = 16_000;
const HERTZ: f64 = 400.0;

/// An hour of a tone by a clock that is off: the largest jump between samples is that of the tone, after
/// the first frames, and the delay stays where it was.
fn run(ppm: f64, jitter: Duration) -> (f64, f64, f64, Duration) {
    let options = ReceiverOptions::new(format(RATE));
    let mut receiver = Receiver::with_decoder(options, Box::new(Bare::new())).unwrap();
    let chunk = tone(RATE, HERTZ, 320);
    let packet = Bare::encode(&chunk);
    let packets = 3_600 * 50_u32;
    let sent = (0..packets).map(|index| {
        let at = Duration::from_secs_f64(f64::from(index) * 0.02 / (1.0 + ppm / 1e6));
        Sent { at, timestamp: index.wrapping_mul(960).wrapping_add(u32::MAX - 9_999), data: packet.clone() }
    });
    let (mut last, mut largest, mut frames) = (None, 0, 0_u64);
    let faults = Faults { loss: 0.0, jitter, duplication: 0.0 };
    let delays = through(sent, faults, 1, false, &mut receiver, |frame| {
        frames += 1;
        if frames > 10 {
            let samples: Vec<i16> = last.into_iter().chain(frame.samples.iter().copied()).collect();
            largest = largest.max(largest_jump(&samples));
        }
        last = frame.samples.last().copied();
    });
    let statistics = receiver.statistics();
    let settled = &delays[delays.len() / 60..];
    let most = settled.iter().copied().fold(0.0, f64::max);
    assert!(statistics.concealed < Duration::from_millis(400), "{statistics:?}");
    assert!((statistics.drift_ppm - ppm).abs() < 2.0, "{statistics:?}");
    (f64::from(largest) / f64::from(largest_jump(&chunk)), most, statistics.drift_ppm, statistics.removed)
}

#[test]
fn an_hour_at_a_hundred_ppm_have_no_click() {
    for ppm in [100.0, -100.0] {
        let (jump, delay, _, removed) = run(ppm, Duration::from_millis(2));
        assert!(jump < 1.02, "{jump} times that of the tone");
        assert!(delay < 30.0, "{delay} ms");
        assert!(removed < Duration::from_millis(200), "{removed:?} is the start, no more");
    }
}

#[test]
fn an_hour_at_a_hundred_ppm_with_jitter_have_no_click() {
    let (jump, delay, ..) = run(100.0, Duration::from_millis(40));
    assert!(jump < 1.05, "{jump} times that of the tone");
    assert!(delay < 90.0, "{delay} ms");
}

#[test]
fn numbers_of_the_network_are_its_own() {
    let mut random = Random::new(1);
    let mean = (0..10_000).map(|_| random.share()).sum::<f64>() / 1e4;
    assert!((mean - 0.5).abs() < 0.02, "{mean}");
}
