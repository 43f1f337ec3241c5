//! What a peer hears while the connection of signalling is cut and taken up again.

use crate::network::Relay;
use crate::speaker::Speaker;
use crate::speech::Speech;
use crate::support::peer::Peer;
use crate::support::{Live, unique};
use crate::{figure, percentile};
use serde_json::{Value, json};
use std::time::Duration;

const CUTS: usize = 10;

pub async fn measure(live: &Live, figures: &mut Vec<Value>) {
    let name = unique("resume");
    let relay = Relay::start(&live.url, 12).await;
    let peer = Peer::python().expect("Python's package");
    peer.join(live, &live.url, &name, "python").await;
    // A tone, in which silence is none of the speaker's.
    let wave = |at: usize| (std::f64::consts::TAU * 440.0 * at as f64 / f64::from(crate::speech::RATE)).sin();
    let tone = (0..crate::speech::RATE as usize).map(|at| (8_000.0 * wave(at)) as i16).collect();
    let speech = Speech::of("tone", tone);
    let _speaker = Speaker::join(live, relay.url(), &name, "ours", &speech).await;
    peer.hear("ours", 1.0).await;
    let mut gaps = Vec::new();
    for _ in 0..CUTS {
        let cutting = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            relay.cut();
        };
        let ((), heard) = tokio::join!(cutting, peer.hear("ours", 3.0));
        gaps.push(heard["longest_gap_ms"].as_f64().unwrap());
    }
    figures.push(figure(
        "resume: longest silence heard by the peer, of 10 cuts",
        percentile(&mut gaps, 100),
        "ms",
        json!({ "at_most": 100.0 }),
    ));
}
