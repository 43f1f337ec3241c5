//! What is heard of a stream, on a good network and on a bad one.

use crate::network::{Faults, Sent, listen};
use crate::stream::{Bare, format, largest_jump, packets, tone, voice};
use hub_livekit::sound::{Format, Frame, Packet, Receiver, ReceiverOptions, SenderOptions};
use proptest::prelude::*;
use std::time::{Duration, Instant};

pub(crate) const MS: Duration = Duration::from_millis(1);
const CLEAN: Faults = Faults { loss: 0.0, jitter: Duration::ZERO, duplication: 0.0 };

fn plain() -> SenderOptions {
    SenderOptions { red_distance: 0, complexity: 0, ..SenderOptions::new(format(48_000)) }
}

pub(crate) fn receiver(rate: u32) -> Receiver {
    Receiver::new(ReceiverOptions::new(format(rate))).unwrap()
}

/// Gives a packet and takes what is due until then.
pub(crate) fn step(
    receiver: &mut Receiver,
    start: Instant,
    at: Duration,
    packet: (u64, u32, &[u8]),
) -> Vec<Frame> {
    let frames = take(receiver, start + at);
    let (sequence, timestamp, payload) = packet;
    receiver.push(Packet { sequence, timestamp, payload, arrived: start + at }, false);
    frames
}

pub(crate) fn take(receiver: &mut Receiver, until: Instant) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let Some(due) = receiver.due().filter(|due| *due <= until) {
        frames.extend(receiver.pull(due));
    }
    frames
}

fn samples_of(frames: &[Frame]) -> Vec<i16> {
    frames.iter().flat_map(|frame| frame.samples.iter().copied()).collect()
}

/// A second of a tone, as packets.
pub(crate) fn second() -> Vec<Vec<u8>> {
    packets(plain(), &tone(48_000, 440.0, 48_000)).into_iter().map(|sent| sent.data).collect()
}

/// Share of the power that is at a frequency: 1 for a tone.
fn purity(samples: &[i16], rate: u32, hertz: f64) -> f64 {
    let turn = std::f64::consts::TAU * hertz / f64::from(rate);
    let (mut sine, mut cosine, mut power) = (0.0, 0.0, 0.0);
    for (index, sample) in samples.iter().enumerate() {
        let sample = f64::from(*sample);
        sine += sample * (turn * index as f64).sin();
        cosine += sample * (turn * index as f64).cos();
        power += sample * sample;
    }
    2.0 * (sine * sine + cosine * cosine) / (power * samples.len() as f64)
}

#[test]
fn a_clean_stream_is_heard_whole_at_every_rate() {
    for (rate, length) in [48_000, 24_000, 16_000].into_iter().flat_map(|rate| [(rate, 10), (rate, 20)]) {
        let options = ReceiverOptions { frame: length * MS, ..ReceiverOptions::new(format(rate)) };
        let mut receiver = Receiver::new(options).unwrap();
        let sent = packets(plain(), &tone(48_000, 440.0, 96_000));
        let heard = listen(sent.into_iter(), CLEAN, 1, false, &mut receiver);
        let samples = samples_of(&heard.frames);
        assert!((samples.len() as f64 - 2.0 * f64::from(rate)).abs() < f64::from(rate) * 0.2);
        // In parts of a tenth of a second: meanwhile the delay is adjusted by a change of the rate.
        for part in samples[rate as usize / 2..].chunks_exact(rate as usize / 10).take(10) {
            assert!(purity(part, rate, 440.0) > 0.98, "{}", purity(part, rate, 440.0));
        }
        assert_eq!(receiver.statistics().decoded, 100);
        assert!(heard.frames.iter().all(|frame| frame.samples.len() as u32 == rate / 1_000 * length));
        let ends = heard.frames.windows(2).map(|pair| pair[1].due - pair[0].due);
        assert!(ends.into_iter().all(|gap| gap == length * MS), "frames follow each other");
    }
}

#[test]
fn stereo_is_heard_as_stereo_and_mixed_down_when_mono_is_asked_for() {
    let both = Format::new(48_000, 2).unwrap();
    let options = SenderOptions { format: both, bitrate: 128_000, ..plain() };
    let left = tone(48_000, 440.0, 96_000);
    let pcm: Vec<i16> = left.iter().flat_map(|&sample| [sample, 0]).collect();
    let mut sender = hub_livekit::sound::Sender::new(options).unwrap();
    let start = Instant::now();
    sender.push(&pcm, start).unwrap();
    let mut payloads = Vec::new();
    while let Some(due) = sender.due().filter(|due| *due < start + 2_000 * MS) {
        payloads.extend(sender.poll(due));
    }
    for channels in [1, 2] {
        let options = ReceiverOptions::new(Format::new(48_000, channels).unwrap());
        let mut receiver = Receiver::new(options).unwrap();
        let sent = payloads.iter().zip(0..).map(|(payload, index)| Sent {
            at: 20 * MS * index,
            timestamp: payload.timestamp,
            data: payload.data.clone(),
        });
        let samples = samples_of(&listen(sent, CLEAN, 1, false, &mut receiver).frames);
        assert!(samples.len() > 90_000 * usize::from(channels), "{channels}: {:?}", receiver.statistics());
        let loud = |skip: usize| {
            let one = samples.iter().skip(48_000 + skip).step_by(usize::from(channels));
            one.map(|sample| f64::from(*sample).powi(2)).take(4_800).sum::<f64>().sqrt() / 4_800_f64.sqrt()
        };
        if channels == 2 {
            assert!(loud(0) > 10_000.0 && loud(1) < 1_000.0, "{} {}", loud(0), loud(1));
        } else {
            assert!((4_500.0..7_500.0).contains(&loud(0)), "half of each: {}", loud(0));
        }
    }
}

#[test]
fn duplicates_and_disorder_change_nothing_that_is_heard() {
    let mut receiver = receiver(48_000);
    let faults = Faults { loss: 0.0, jitter: 60 * MS, duplication: 0.5 };
    let sent = packets(plain(), &tone(48_000, 440.0, 48_000 * 20));
    let heard = listen(sent.into_iter(), faults, 5, false, &mut receiver);
    let statistics = receiver.statistics();
    assert!(statistics.duplicate > 400, "{statistics:?}");
    assert_eq!(statistics.lost, 0);
    assert!(statistics.decoded > 990, "{statistics:?}");
    let samples = samples_of(&heard.frames);
    // From the last time that something was made up, the end aside, all is the tone.
    let before_end = heard.frames.len() - 40;
    let calm = heard.frames[..before_end].iter().rposition(|frame| !frame.concealed.is_zero()).unwrap_or(0);
    let length = heard.frames[0].samples.len();
    let whole = &samples[(calm + 5) * length..before_end * length];
    assert!(whole.len() > 48_000, "{}", whole.len());
    // A change of the length may turn the phase of the tone a little.
    for part in whole.chunks_exact(4_800) {
        assert!(purity(part, 48_000, 440.0) > 0.85, "{}", purity(part, 48_000, 440.0));
    }
    assert!(largest_jump(whole) < 1_250, "{}", largest_jump(whole));
}

#[test]
fn the_copy_inside_the_next_packet_is_used() {
    let said = voice(48_000, 48_000 * 20);
    let hear = |fec| {
        let options = SenderOptions { fec, bitrate: 24_000, complexity: 5, ..plain() };
        let mut receiver = receiver(48_000);
        let faults = Faults { loss: 0.1, ..CLEAN };
        listen(packets(options, &said).into_iter(), faults, 5, false, &mut receiver);
        receiver.statistics()
    };
    let (with, without) = (hear(true), hear(false));
    assert!(with.lost > 50, "{with:?}");
    assert!(with.fec_recovered * 3 > with.lost, "{with:?}");
    assert_eq!(without.fec_recovered, 0);
    assert!(with.concealed < without.concealed.mul_f64(0.75), "{with:?} {without:?}");
}

#[test]
fn silence_is_comfort_then_nothing_and_sound_comes_back_at_once() {
    let mut said = tone(48_000, 440.0, 48_000);
    said.extend(vec![0; 48_000 * 3]);
    said.extend(tone(48_000, 440.0, 48_000));
    let mut receiver = receiver(48_000);
    let heard = listen(packets(plain(), &said).into_iter(), CLEAN, 1, false, &mut receiver);
    let statistics = receiver.statistics();
    assert!(statistics.comfort > 2_000 * MS, "{statistics:?}");
    assert!(statistics.concealed <= 120 * MS, "the end of the stream alone: {statistics:?}");
    assert_eq!(statistics.lost, 0);
    let loud = |frame: &Frame| frame.samples.iter().any(|sample| sample.abs() > 8_000);
    let first = heard.frames.iter().position(loud).unwrap();
    let again = heard.frames.iter().skip(200).find(|frame| loud(frame)).unwrap();
    let gap = again.due - heard.frames[first].due;
    assert!((3_900..4_100).contains(&gap.as_millis()), "{gap:?}");
}

#[test]
fn the_first_word_after_silence_is_heard_though_it_is_late() {
    let mut said = tone(48_000, 440.0, 96_000);
    said.extend(vec![0; 28_800]);
    said.extend(tone(48_000, 440.0, 96_000));
    let (mut receiver, start) = (receiver(48_000), Instant::now());
    let sent = packets(plain(), &said);
    let words = sent.iter().filter(|sent| sent.data.len() > 10).count();
    for (index, sent) in (0..).zip(&sent) {
        // What is said after the silence takes 60 ms more than what was said before.
        let at = if sent.at > 2_550 * MS { sent.at + 60 * MS } else { sent.at };
        step(&mut receiver, start, at, (index, sent.timestamp, &sent.data));
    }
    take(&mut receiver, start + 9_000 * MS);
    let statistics = receiver.statistics();
    assert!(statistics.comfort > 200 * MS, "{statistics:?}");
    assert_eq!(statistics.late, 0, "{statistics:?}");
    assert!(statistics.decoded >= words as u64 && words > 195, "{words} {statistics:?}");
}

#[test]
fn a_sender_that_goes_away_is_faded_out_and_asks_for_nothing() {
    let (mut receiver, start) = (receiver(48_000), Instant::now());
    let mut frames = Vec::new();
    for (index, data) in (0_u32..).zip(second()).take(40) {
        frames.extend(step(&mut receiver, start, 20 * MS * index, (index.into(), index * 960, &data)));
    }
    frames.extend(take(&mut receiver, start + 5_000 * MS));
    assert_eq!(receiver.due(), None);
    assert!(frames.last().unwrap().samples.iter().all(|sample| sample.abs() < 100));
    let samples = samples_of(&frames);
    assert!(largest_jump(&samples) < 1_400, "{}", largest_jump(&samples));
    assert!(receiver.statistics().concealed <= 120 * MS);
    // Ten seconds later he is back; his clock went on.
    for (index, data) in (0_u32..).zip(second()) {
        let place = 500 + index;
        let at = 20 * MS * place;
        step(&mut receiver, start, at, ((40 + index).into(), place * 960, &data));
    }
    assert_eq!(receiver.statistics().restarts, 0);
    assert!(receiver.statistics().decoded >= 85, "{:?}", receiver.statistics());
    assert!(receiver.statistics().delay < 60 * MS);
}

#[test]
fn a_clock_that_stopped_in_silence_adds_no_delay() {
    let (mut receiver, start) = (receiver(48_000), Instant::now());
    for (index, data) in (0_u32..).zip(second()) {
        step(&mut receiver, start, 20 * MS * index, (index.into(), index * 960, &data));
    }
    // Three quarters of a second of silence, in which the timestamp stood still.
    for (index, data) in (50_u32..).zip(second()) {
        let at = 750 * MS + 20 * MS * index;
        step(&mut receiver, start, at, (index.into(), index * 960, &data));
    }
    let statistics = receiver.statistics();
    assert!(statistics.delay < 60 * MS, "{statistics:?}");
    assert!(statistics.decoded >= 96, "{statistics:?}");
}

#[test]
fn a_burst_after_a_stall_is_heard_and_the_delay_comes_down_again() {
    let (mut receiver, start) = (receiver(48_000), Instant::now());
    let data = second();
    let mut most = Duration::ZERO;
    for index in 0_u32..1_500 {
        // From 4 s on nothing comes for 300 ms, then all of it at once.
        let place = if (200..215).contains(&index) { 215 } else { index };
        step(&mut receiver, start, 20 * MS * place, (index.into(), index * 960, &data[index as usize % 50]));
        most = most.max(receiver.statistics().delay);
    }
    let statistics = receiver.statistics();
    assert!(most > 250 * MS, "what was late was kept: {most:?}");
    assert!(statistics.decoded > 1_480, "{statistics:?}");
    assert!(statistics.removed > 150 * MS, "{statistics:?}");
    assert!(statistics.delay < 60 * MS, "{statistics:?}");
}

#[test]
fn a_caller_who_slept_is_not_given_the_past() {
    let (mut receiver, start) = (receiver(48_000), Instant::now());
    let data = second();
    for index in 0_u32..50 {
        step(&mut receiver, start, 20 * MS * index, (index.into(), index * 960, &data[index as usize]));
    }
    for index in 50_u32..300 {
        let arrived = start + 20 * MS * index;
        let payload = &data[index as usize % 50];
        receiver.push(Packet { sequence: index.into(), timestamp: index * 960, payload, arrived }, false);
    }
    let now = start + 6_000 * MS;
    let mut frames = 0;
    while receiver.pull(now).is_some() {
        frames += 1;
    }
    assert!(frames <= 2, "{frames}");
    assert!(receiver.statistics().delay < 700 * MS, "{:?}", receiver.statistics());
}

#[test]
fn options_that_cannot_be_are_refused_by_name() {
    let base = ReceiverOptions::new(format(48_000));
    let wrong = [
        ("frame", ReceiverOptions { frame: 15 * MS, ..base }),
        ("max_delay", ReceiverOptions { max_delay: 3_000 * MS, ..base }),
        ("min_delay", ReceiverOptions { min_delay: 501 * MS, ..base }),
        ("initial_delay", ReceiverOptions { initial_delay: 501 * MS, ..base }),
    ];
    for (name, options) in wrong {
        assert!(Receiver::new(options).unwrap_err().to_string().starts_with(name));
    }
    assert!(Format::new(44_100, 1).is_err() && Format::new(48_000, 3).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Speech through a network of any faults: what is late or lost is counted once, and sound is handed out
    /// at its own pace.
    #[test]
    fn the_books_balance(
        seed: u64,
        loss in 0.0..0.5_f64,
        jitter in 0_u64..150,
        red in 0_u8..3,
        length in prop_oneof![Just(10 * MS), Just(20 * MS)],
    ) {
        let options = ReceiverOptions { frame: length, ..ReceiverOptions::new(format(16_000)) };
        let mut receiver = Receiver::new(options).unwrap();
        let options = SenderOptions { red_distance: red, ..plain() };
        let sent = packets(options, &tone(48_000, 440.0, 48_000 * 3));
        let faults = Faults { loss, jitter: Duration::from_millis(jitter), duplication: 0.1 };
        let heard = listen(sent.into_iter(), faults, seed, red > 0, &mut receiver);
        let statistics = receiver.statistics();
        prop_assert!(statistics.lost + statistics.received - statistics.duplicate <= 150);
        let whole = statistics.decoded + statistics.late + statistics.lost;
        prop_assert!(whole + 20 >= 150 - 150 * u64::from(loss > 0.4), "{:?}", statistics);
        let played = heard.frames.len() as u32 * length;
        prop_assert_eq!(played, statistics.played);
        prop_assert!(played < 3_800 * MS, "{:?}", statistics);
        for pair in heard.frames.windows(2) {
            prop_assert!(pair[1].due >= pair[0].due + length);
        }
    }
}

#[test]
fn packets_that_stall_are_heard_without_a_click() {
    // Whole turns in a packet and in half of one, so that what is made up joins, and loudest where packets begin.
    let pcm = &tone(48_000, 400.0, 96_030)[30..];
    for stall in [20, 50, 80, 140, 300, 450_u32] {
        let options = ReceiverOptions::new(format(48_000));
        let (mut receiver, start) =
            (Receiver::with_decoder(options, Box::new(Bare::new())).unwrap(), Instant::now());
        let mut frames = Vec::new();
        for (sequence, chunk) in (0_u32..).zip(pcm.chunks_exact(960)) {
            let stalled = if sequence < 60 { Duration::ZERO } else { (1_200 + stall) * MS };
            let at = (20 * MS * sequence).max(stalled);
            let packet = (sequence.into(), sequence * 960, &*Bare::encode(chunk));
            frames.extend(step(&mut receiver, start, at, packet));
        }
        frames.extend(take(&mut receiver, start + 5_000 * MS));
        let jump = f64::from(largest_jump(&samples_of(&frames))) / f64::from(largest_jump(pcm));
        assert!(jump < 1.3, "{stall} ms: {jump} times that of the tone");
    }
}
