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

/// Both codecs read what the other wrote.
#[cfg(feature = "libopus")]
#[test]
fn the_two_codecs_hear_the_same() {
    use crate::stream::voice;
    use hub_livekit::sound::codec::libopus::{LibopusDecoder, LibopusEncoder};
    use hub_livekit::sound::codec::{Decode, Encode, Encoding, PureDecoder, PureEncoder, Tuning};
    let said = voice(24_000, 24_000 * 4);
    let encoding = Encoding { bitrate: 32_000, complexity: 5, tuning: Tuning::Speech, fec: false };
    let format = format(24_000);
    let encoders: [Box<dyn Encode>; 2] = [
        Box::new(PureEncoder::new(format, encoding).unwrap()),
        Box::new(LibopusEncoder::new(format, encoding).unwrap()),
    ];
    for mut encoder in encoders {
        let mut pure = PureDecoder::new(format).unwrap();
        let mut other = LibopusDecoder::new(format).unwrap();
        let (mut signal, mut noise) = (0.0, 0.0);
        for frame in said.chunks_exact(480) {
            let (mut packet, mut one, mut two) = (vec![0; 1_275], vec![0; 2_880], vec![0; 2_880]);
            let length = encoder.encode(frame, &mut packet).unwrap();
            // Nothing is lost: what is made up for a loss is each codec's own.
            pure.decode(&packet[..length], &mut one).unwrap();
            other.decode(&packet[..length], &mut two).unwrap();
            for (a, b) in one.iter().zip(&two) {
                signal += f64::from(*b).powi(2);
                noise += (f64::from(*a) - f64::from(*b)).powi(2);
            }
        }
        let decibels = 10.0 * (signal / noise.max(1.0)).log10();
        assert!(decibels > 60.0, "{decibels} dB");
    }
}
