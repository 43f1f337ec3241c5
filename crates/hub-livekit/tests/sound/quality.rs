//! What is left of speech after a bad network.

use crate::network::{Faults, listen};
use crate::stream::{format, packets, tone};
use hub_livekit::sound::{Receiver, ReceiverOptions, SenderOptions};
use std::time::Duration;

fn bad(loss: f64, jitter: u64, red: u8, seconds: usize) -> (f64, f64) {
    let mut options = SenderOptions::new(format(48_000));
    options.red_distance = red;
    options.complexity = 0;
    let pcm = tone(48_000, 440.0, seconds * 48_000);
    let mut receiver = Receiver::new(ReceiverOptions::new(format(48_000))).unwrap();
    let faults = Faults { loss, jitter: Duration::from_millis(jitter), duplication: 0.0 };
    let heard = listen(packets(options, &pcm).into_iter(), faults, 7, red > 0, &mut receiver);
    (heard.concealed(), heard.mean_delay())
}

#[test]
fn ten_per_cent_loss_with_red() {
    let (concealed, delay) = bad(0.1, 0, 1, 60);
    assert!(concealed < 0.015, "{concealed}");
    assert!(delay < 45.0, "{delay} ms");
}

#[test]
fn jitter_of_eighty_milliseconds_and_two_per_cent_loss() {
    let (concealed, delay) = bad(0.02, 80, 1, 60);
    assert!(concealed < 0.03, "{concealed}");
    assert!(delay < 110.0, "{delay} ms");
}
