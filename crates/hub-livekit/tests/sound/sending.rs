//! The sender's pace, its exact position, and what clear and pause leave of the sound.

use crate::stream::{decode, format, largest_jump, tone};
use hub_livekit::sound::{Format, Payload, Sender, SenderOptions};
use proptest::prelude::*;
use std::time::{Duration, Instant};

const MS: Duration = Duration::from_millis(1);

fn plain(rate: u32) -> SenderOptions {
    SenderOptions { red_distance: 0, complexity: 0, ..SenderOptions::new(format(rate)) }
}

/// Takes all that is due until a moment, with the moment at which it was.
fn take(sender: &mut Sender, until: Instant) -> Vec<(Instant, Payload)> {
    let mut taken = Vec::new();
    while let Some(due) = sender.due().filter(|due| *due <= until) {
        taken.extend(sender.poll(due).map(|payload| (due, payload)));
    }
    taken
}

#[test]
fn a_push_on_an_empty_queue_goes_at_once_and_the_rest_every_twenty_milliseconds() {
    let (mut sender, start) = (Sender::new(plain(48_000)).unwrap(), Instant::now());
    assert_eq!(sender.due(), None);
    let pushed = sender.push(&tone(48_000, 440.0, 48_000), start).unwrap();
    assert_eq!((pushed.position, pushed.queued), (48_000, 48_000));
    let sent = take(&mut sender, start + 999 * MS);
    assert_eq!(sent.len(), 50);
    for (index, (at, payload)) in sent.iter().enumerate() {
        assert_eq!(*at, start + 20 * MS * index as u32);
        assert_eq!(payload.timestamp, 960 * index as u32);
        assert_eq!(payload.marker, index == 0);
        assert!(payload.sound && !payload.red);
    }
    assert_eq!(sender.position().played, 48_000);
}

#[test]
fn a_caller_who_comes_late_gets_what_was_due_and_one_who_slept_does_not() {
    let (mut sender, start) = (Sender::new(plain(16_000)).unwrap(), Instant::now());
    sender.push(&tone(16_000, 440.0, 32_000), start).unwrap();
    assert!(sender.poll(start).is_some());
    let late = start + 105 * MS;
    let burst: Vec<u32> = std::iter::from_fn(|| sender.poll(late)).map(|payload| payload.timestamp).collect();
    assert_eq!(burst, [960, 1_920, 2_880, 3_840, 4_800]);
    let slept = start + 1_000 * MS;
    let burst: Vec<u32> =
        std::iter::from_fn(|| sender.poll(slept)).map(|payload| payload.timestamp).collect();
    assert_eq!(burst, [48_000], "one packet, and its time is now");
    assert_eq!(sender.due(), Some(slept + 20 * MS));
}

#[test]
fn sound_that_is_pushed_as_it_is_heard_keeps_its_slots_though_it_comes_a_little_late() {
    let (mut sender, start) = (Sender::new(plain(24_000)).unwrap(), Instant::now());
    let pcm = tone(24_000, 440.0, 24_000);
    let mut sent = Vec::new();
    for (index, chunk) in pcm.chunks(480).enumerate() {
        let now = start + 20 * MS * index as u32 + MS * (index as u32 * 7 % 10);
        sent.extend(take(&mut sender, now));
        sender.push(chunk, now).unwrap();
        sent.extend(take(&mut sender, now));
    }
    assert_eq!(sent.len(), 50);
    assert!(sent.iter().enumerate().all(|(index, (_, payload))| payload.timestamp == 960 * index as u32));
    assert!(sent.iter().all(|(_, payload)| payload.sound), "no silence between");
}

#[test]
fn after_sound_there_is_a_little_silence_and_then_nothing() {
    for dtx in [true, false] {
        let options = SenderOptions { dtx, ..plain(48_000) };
        let (mut sender, start) = (Sender::new(options).unwrap(), Instant::now());
        sender.push(&tone(48_000, 440.0, 9_600), start).unwrap();
        let sent = take(&mut sender, start + 9_999 * MS);
        let silent = sent.iter().filter(|(_, payload)| !payload.sound).count();
        if dtx {
            assert!((1..=25).contains(&silent), "{silent}");
            assert_eq!(sent.last().unwrap().1.data.len(), 1, "the last says that nothing follows");
            assert_eq!(sender.due(), None);
            let later = start + 20_003 * MS;
            sender.push(&tone(48_000, 440.0, 960), later).unwrap();
            let again = take(&mut sender, later);
            assert_eq!(again.len(), 1);
            assert!(again[0].1.marker);
            assert_eq!(again[0].1.timestamp, 20_003 * 48, "the timestamp follows the time");
        } else {
            assert_eq!(sent.len(), 500, "without it silence is sent for ever");
        }
    }
}

#[test]
fn each_payload_tells_how_loud_it_is() {
    let options = SenderOptions { dtx: false, ..plain(48_000) };
    for (samples, levels) in
        [(tone(48_000, 440.0, 960), 5..=40), (vec![i16::MIN; 960], 0..=0), (vec![0; 960], 127..=127)]
    {
        let (mut sender, start) = (Sender::new(options).unwrap(), Instant::now());
        sender.push(&samples, start).unwrap();
        let level = sender.poll(start).unwrap().level;
        assert!(levels.contains(&level), "{level} is not in {levels:?}");
    }
}

#[test]
fn silence_that_is_pushed_is_not_sent_and_counts_as_played() {
    let (mut sender, start) = (Sender::new(plain(48_000)).unwrap(), Instant::now());
    sender.push(&tone(48_000, 440.0, 9_600), start).unwrap();
    sender.push(&vec![0; 48_000 * 4], start).unwrap();
    let sent = take(&mut sender, start + 4_190 * MS);
    assert!(sent.len() < 60, "{} of 210", sent.len());
    assert!(sender.statistics().suppressed > 150);
    assert_eq!(sender.position().played, 9_600 + 48_000 * 4);
}

#[test]
fn nothing_old_is_sent_after_a_clear_and_the_cut_is_soft() {
    let options = SenderOptions { red_distance: 2, bitrate: 96_000, ..plain(48_000) };
    let (mut sender, start) = (Sender::new(options).unwrap(), Instant::now());
    sender.push(&tone(48_000, 440.0, 96_000), start).unwrap();
    let mut sent = take(&mut sender, start + 300 * MS);
    sender.clear();
    let position = sender.position();
    assert_eq!(position.played, 16 * 960);
    assert_eq!(position.discarded, 96_000 - 16 * 960);
    assert_eq!(position.queued, 0);
    let after = take(&mut sender, start + 2_000 * MS);
    assert_eq!(after[0].0, start + 320 * MS, "silence follows in the next slot");
    assert!(after.iter().all(|(_, payload)| !payload.sound));
    let first = hub_livekit::sound::red::parse(&after[0].1.data).unwrap();
    assert_eq!(first.len(), 1, "no copy of what went before");
    sent.extend(after);
    let heard = decode(format(48_000), sent.iter().map(|(_, payload)| payload), true);
    let jump = largest_jump(&heard);
    let of_tone = largest_jump(&tone(48_000, 440.0, 4_800));
    assert!(f64::from(jump) < 1.6 * f64::from(of_tone), "{jump} {of_tone}");
    // The encoder is 6.5 ms behind what it is given, and the fade takes 5.
    let loudest = |from: usize| heard[from..].iter().map(|sample| sample.abs()).max().unwrap_or(0);
    assert!(loudest(17 * 960) < 500, "{}", loudest(17 * 960));
    assert!(loudest(19 * 960) < 50, "{}", loudest(19 * 960));
}

#[test]
fn new_sound_right_after_a_clear_begins_in_the_next_slot() {
    let (mut sender, start) = (Sender::new(plain(48_000)).unwrap(), Instant::now());
    sender.push(&tone(48_000, 440.0, 96_000), start).unwrap();
    take(&mut sender, start + 100 * MS);
    sender.clear();
    sender.push(&tone(48_000, 660.0, 9_600), start + 101 * MS).unwrap();
    let sent = take(&mut sender, start + 300 * MS);
    assert_eq!(sent[0].0, start + 120 * MS);
    assert_eq!(sent.iter().filter(|(_, payload)| payload.sound).count(), 10);
    assert_eq!(sender.position().played, 6 * 960 + 9_600);
}

#[test]
fn a_pause_keeps_what_is_queued() {
    let (mut sender, start) = (Sender::new(plain(48_000)).unwrap(), Instant::now());
    sender.push(&tone(48_000, 440.0, 96_000), start).unwrap();
    take(&mut sender, start + 100 * MS);
    sender.pause();
    assert!(sender.is_paused());
    let held = sender.position();
    let silent = take(&mut sender, start + 5_000 * MS);
    assert!(silent.iter().all(|(_, payload)| !payload.sound));
    assert_eq!(sender.due(), None);
    assert_eq!(sender.position(), held);
    let later = start + 6_000 * MS;
    sender.resume(later);
    let sent = take(&mut sender, later + 100 * MS);
    assert_eq!(sent.len(), 6);
    assert_eq!(sent[0].0, later);
    assert_eq!(sent[0].1.timestamp, 6_000 * 48);
    assert_eq!(sender.position().played, held.played + 6 * 960);
}

#[test]
fn a_full_queue_takes_nothing_of_what_does_not_fit() {
    let options = SenderOptions { queue: 100 * MS, ..plain(48_000) };
    let (mut sender, start) = (Sender::new(options).unwrap(), Instant::now());
    sender.push(&[0; 4_000], start).unwrap();
    let full = sender.push(&[0; 801], start).unwrap_err();
    assert_eq!((full.queued, full.limit, full.refused), (4_000, 4_800, 801));
    assert_eq!(sender.position().pushed, 4_000);
    sender.push(&[0; 800], start).unwrap();
}

#[test]
fn the_last_piece_goes_though_it_fills_no_packet() {
    let (mut sender, start) = (Sender::new(plain(16_000)).unwrap(), Instant::now());
    sender.push(&tone(16_000, 440.0, 400), start).unwrap();
    let sent = take(&mut sender, start + 2_000 * MS);
    assert_eq!(sent.iter().filter(|(_, payload)| payload.sound).count(), 2);
    assert_eq!(sender.position().played, 400);
    let later = start + 9_000 * MS;
    sender.push(&[100; 3], later).unwrap();
    assert_eq!(sender.due(), Some(later + 20 * MS), "a crumb waits for more");
}

#[test]
fn options_that_cannot_be_are_refused_by_name() {
    let base = SenderOptions::new(format(48_000));
    let wrong = [
        ("bitrate", SenderOptions { bitrate: 5_000, ..base }),
        ("complexity", SenderOptions { complexity: 11, ..base }),
        ("red_distance", SenderOptions { red_distance: 5, ..base }),
        ("payload_type", SenderOptions { payload_type: 128, ..base }),
        ("queue", SenderOptions { queue: Duration::ZERO, ..base }),
    ];
    for (name, options) in wrong {
        assert!(Sender::new(options).unwrap_err().to_string().starts_with(name));
    }
}

#[derive(Debug, Clone)]
enum Order {
    Push(usize),
    Clear,
    Pause,
    Resume,
    Wait(u64),
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let order = prop_oneof![
        4 => (0_usize..5_000).prop_map(Order::Push),
        1 => Just(Order::Clear),
        1 => Just(Order::Pause),
        1 => Just(Order::Resume),
        6 => (0_u64..120).prop_map(Order::Wait),
    ];
    proptest::collection::vec(order, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is done: played is what was pushed less what waits and what was thrown away, nothing falls,
    /// packets are never closer than their slots, and timestamps follow the time.
    #[test]
    fn the_position_is_exact(orders in orders(), stereo: bool, rate in prop_oneof![Just(16_000_u32), Just(48_000)]) {
        let width = if stereo { 2 } else { 1 };
        let format = Format::new(rate, width as u8).unwrap();
        let options = SenderOptions { format, queue: Duration::from_millis(300), ..plain(rate) };
        let (mut sender, start) = (Sender::new(options).unwrap(), Instant::now());
        let (mut now, mut before, mut given, mut half) = (start, sender.position(), 0_u64, 0);
        let mut last: Option<(Instant, u32)> = None;
        for order in orders {
            match order {
                Order::Push(length) => if sender.push(&vec![1_000; length], now).is_ok() {
                    given += ((half + length) / width) as u64;
                    half = (half + length) % width;
                },
                Order::Clear => { sender.clear(); half = 0; }
                Order::Pause => sender.pause(),
                Order::Resume => sender.resume(now),
                Order::Wait(milliseconds) => now += MS * milliseconds as u32,
            }
            while let Some(payload) = sender.poll(now) {
                if let Some((then, timestamp)) = last {
                    let ticks = payload.timestamp.wrapping_sub(timestamp);
                    prop_assert!((960..1 << 31).contains(&ticks), "{ticks}");
                    let sent = (payload.timestamp as f64) / 48.0;
                    prop_assert!(sent <= (now - start).as_secs_f64() * 1e3 + 0.1, "none before its time");
                    prop_assert!(then <= now);
                }
                last = Some((now, payload.timestamp));
            }
            let position = sender.position();
            prop_assert_eq!(position.pushed, given);
            prop_assert_eq!(position.played, position.pushed - position.queued - position.discarded);
            prop_assert!(position.played >= before.played && position.discarded >= before.discarded);
            prop_assert!(position.queued <= u64::from(rate) * 3 / 10);
            if sender.is_paused() {
                prop_assert!(position.played == before.played || matches!(order, Order::Pause));
            }
            before = position;
        }
    }
}

#[test]
fn sound_that_comes_too_late_breaks_off_and_goes_on_without_a_click() {
    // A tone that is nowhere near zero where the packets begin.
    let pcm = tone(48_000, 437.0, 48_000);
    for stall in [25, 31, 40, 67, 123, 250_u32] {
        let options = SenderOptions { bitrate: 96_000, ..plain(48_000) };
        let (mut sender, start) = (Sender::new(options).unwrap(), Instant::now());
        let mut sent = Vec::new();
        for (index, chunk) in (0..).zip(pcm.chunks(960)) {
            let stalled = if index < 20 { Duration::ZERO } else { MS * stall };
            let now = start + 20 * MS * index + stalled;
            sent.extend(take(&mut sender, now));
            sender.push(chunk, now).unwrap();
        }
        sent.extend(take(&mut sender, start + 3_000 * MS));
        assert_eq!(sender.statistics().ended, 2, "in the middle, and at the end");
        let heard = decode(format(48_000), sent.iter().map(|(_, payload)| payload), false);
        let jump = f64::from(largest_jump(&heard)) / f64::from(largest_jump(&pcm));
        assert!(jump < 1.6, "{stall} ms: {jump} times that of the tone");
    }
}

#[test]
fn what_begins_after_an_end_or_a_clear_begins_as_it_is() {
    for cleared in [false, true] {
        let (mut sender, start) = (Sender::new(plain(48_000)).unwrap(), Instant::now());
        let mut whole = tone(48_000, 440.0, 9_600);
        if !cleared {
            whole[9_000..].fill(0);
        }
        sender.push(&whole, start).unwrap();
        take(&mut sender, start + 90 * MS);
        if cleared {
            sender.clear();
        }
        take(&mut sender, start + 5_000 * MS);
        // Loud at its begin alone: faded in, it would be far softer.
        let mut begin = vec![0; 960];
        begin[..48].fill(16_384);
        sender.push(&begin, start + 6_000 * MS).unwrap();
        let level = sender.poll(start + 6_000 * MS).unwrap().level;
        assert_eq!(level, 19, "cleared: {cleared}");
    }
}
