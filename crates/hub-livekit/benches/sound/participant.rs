//! All of it: PCM through a sender, its payloads through a receiver, on a network without faults.

use crate::network::{Faults, Sent, through};
use crate::speech::{RATE, Speech};
use crate::{cpu, figure};
use hub_livekit::sound::{Format, Receiver, ReceiverOptions, Sender, SenderOptions};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// CPU of publishing and receiving speech without pause, apart from signalling, encryption and sockets.
pub fn measure(speech: &Speech, minutes: u32, figures: &mut Vec<Value>) {
    let format = Format::new(RATE, 1).unwrap();
    let said = speech.seconds(60 * minutes);
    let mut sent = Vec::new();
    let sending =
        cpu::of(|| sent = send(SenderOptions::new(format), &said)).as_secs_f64() / f64::from(minutes);
    figures.push(figure("sender, all of it", sending, "CPU s a minute", Value::Null));
    for rate in [48_000, 24_000, 16_000] {
        let sent = send(SenderOptions::new(format), &said);
        let options = ReceiverOptions::new(Format::new(rate, 1).unwrap());
        let mut receiver = Receiver::new(options).unwrap();
        let faults = Faults { loss: 0.0, jitter: Duration::from_millis(2), duplication: 0.0 };
        let receive = || drop(through(sent.into_iter(), faults, 1, true, &mut receiver, drop));
        let receiving = cpu::of(receive).as_secs_f64() / f64::from(minutes);
        let name = format!("receiver, all of it, {} kHz", rate / 1_000);
        figures.push(figure(&name, receiving, "CPU s a minute", Value::Null));
        if rate == RATE {
            let both = "publishing and receiving, without the network";
            figures.push(figure(both, sending + receiving, "CPU s a minute", json!({ "at_most": 0.8 })));
        }
    }
}

/// Memory that fifty senders and receivers hold after ten seconds of speech each.
pub fn memory(speech: &Speech, figures: &mut Vec<Value>) {
    let format = Format::new(RATE, 1).unwrap();
    let said = speech.seconds(10);
    let before = resident();
    let mut held = Vec::new();
    for seed in 0..50 {
        let mut sender = Sender::new(SenderOptions::new(format)).unwrap();
        sender.push(&said, Instant::now()).unwrap();
        let sent = send(SenderOptions::new(format), &said);
        let mut receiver = Receiver::new(ReceiverOptions::new(format)).unwrap();
        let faults = Faults { loss: 0.02, jitter: Duration::from_millis(80), duplication: 0.0 };
        drop(through(sent.into_iter(), faults, seed, true, &mut receiver, drop));
        held.push((sender, receiver));
    }
    let each = resident().saturating_sub(before) as f64 / held.len() as f64 / 1024.0;
    let name = "one sender with 10 s queued and one receiver";
    figures.push(figure(name, each, "KiB resident", Value::Null));
}

fn resident() -> u64 {
    let told = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    told.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).map_or(0, |pages| pages * 4_096)
}

/// What a sender makes of sound that is pushed as it is heard.
pub fn send(options: SenderOptions, pcm: &[i16]) -> Vec<Sent> {
    let mut sender = Sender::new(options).unwrap();
    let (start, step) = (Instant::now(), options.format.rate() as usize / 50);
    let mut sent = Vec::new();
    for (index, chunk) in pcm.chunks(step).enumerate() {
        let now = start + Duration::from_millis(20) * index as u32;
        sender.push(chunk, now).unwrap();
        while let Some(payload) = sender.poll(now) {
            sent.push(Sent { at: now - start, timestamp: payload.timestamp, data: payload.data });
        }
    }
    sent
}
