//! What is left of speech after a bad network.

use crate::figure;
use crate::network::{Faults, listen};
use crate::participant::send;
use crate::speech::{RATE, Speech};
use hub_livekit::sound::{Format, Receiver, ReceiverOptions, SenderOptions};
use serde_json::{Value, json};
use std::time::Duration;

/// Each case with several seeds, five minutes each.
const SEEDS: u64 = 4;
const SECONDS: u32 = 300;

pub fn measure(speech: &Speech, figures: &mut Vec<Value>) {
    let case =
        |loss: f64, jitter: u64| Faults { loss, jitter: Duration::from_millis(jitter), duplication: 0.0 };
    let cases = [
        ("no loss, 2 ms jitter", case(0.0, 2), Value::Null),
        ("10 % loss", case(0.1, 0), json!({ "at_most": 1.5 })),
        ("0 to 80 ms jitter, 2 % loss", case(0.02, 80), json!({ "at_most": 3.0 })),
    ];
    for (name, faults, reach) in cases {
        for (how, red, fec) in
            [("plain", 0, false), ("FEC", 0, true), ("RED 1", 1, false), ("RED 2", 2, false)]
        {
            let reach = if red > 0 { reach.clone() } else { Value::Null };
            let (concealed, delay) = run(speech, faults, red, fec);
            figures.push(figure(&format!("{name}, {how}: frames late or concealed"), concealed, "%", reach));
            figures.push(figure(&format!("{name}, {how}: mean delay"), delay, "ms", Value::Null));
        }
    }
}

fn run(speech: &Speech, faults: Faults, red: u8, fec: bool) -> (f64, f64) {
    let format = Format::new(RATE, 1).unwrap();
    // Silence is sent too, so that each frame counts.
    let options = SenderOptions { red_distance: red, fec, dtx: false, ..SenderOptions::new(format) };
    let said = speech.seconds(SECONDS);
    let (mut concealed, mut delay) = (0.0, 0.0);
    for seed in 0..SEEDS {
        let mut receiver = Receiver::new(ReceiverOptions::new(format)).unwrap();
        let heard = listen(send(options, &said).into_iter(), faults, seed, red > 0, &mut receiver);
        concealed += heard.concealed() * 100.0 / SEEDS as f64;
        delay += heard.mean_delay() / SEEDS as f64;
    }
    (concealed, delay)
}
