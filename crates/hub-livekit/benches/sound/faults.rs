//! What is left of speech after a bad network.

use crate::figure;
use crate::network::{Faults, Sent, listen};
use crate::participant::send;
use crate::speech::{RATE, Speech};
use hub_livekit::sound::{Format, Receiver, ReceiverOptions, SenderOptions};
use serde_json::{Value, json};
use std::time::Duration;

/// Each case with several seeds.
const SEEDS: u64 = 3;
const SECONDS: u32 = 240;

pub fn measure(speech: &Speech, figures: &mut Vec<Value>) {
    let format = Format::new(RATE, 1).unwrap();
    let said = speech.seconds(SECONDS);
    let hows = [("plain", 0, false), ("FEC", 0, true), ("RED 1", 1, false), ("RED 2", 2, false)];
    let sent = hows.map(|(how, red, fec)| {
        // Silence is sent too, so that each frame counts.
        let options = SenderOptions { red_distance: red, fec, dtx: false, ..SenderOptions::new(format) };
        (how, red > 0, send(options, &said))
    });
    let case =
        |loss: f64, jitter: u64| Faults { loss, jitter: Duration::from_millis(jitter), duplication: 0.0 };
    let cases = [
        ("no loss, 2 ms jitter", case(0.0, 2), Value::Null),
        ("10 % loss", case(0.1, 0), json!({ "at_most": 1.5 })),
        ("0 to 80 ms jitter, 2 % loss", case(0.02, 80), json!({ "at_most": 3.0 })),
    ];
    for (name, faults, reach) in cases {
        for (how, red, sent) in &sent {
            let reach = if *red { reach.clone() } else { Value::Null };
            let (concealed, delay) = run(format, sent, faults, *red);
            figures.push(figure(&format!("{name}, {how}: frames late or concealed"), concealed, "%", reach));
            figures.push(figure(&format!("{name}, {how}: mean delay"), delay, "ms", Value::Null));
        }
    }
}

fn run(format: Format, sent: &[Sent], faults: Faults, red: bool) -> (f64, f64) {
    let (mut concealed, mut delay) = (0.0, 0.0);
    for seed in 0..SEEDS {
        let mut receiver = Receiver::new(ReceiverOptions::new(format)).unwrap();
        let heard = listen(sent.iter().cloned(), faults, seed, red, &mut receiver);
        concealed += heard.concealed() * 100.0 / SEEDS as f64;
        delay += heard.mean_delay() / SEEDS as f64;
    }
    (concealed, delay)
}
