//! How long sound takes on its ways through this process: pushed to sent, received to handed out, which a relay
//! sees; and how much of a queue is sent after it was cleared, by the position that was played.

use crate::network::{Relay, Seen};
use crate::speaker::Speaker;
use crate::speech::{RATE, Speech};
use crate::support::{Live, unique};
use crate::{figure, percentile};
use hub_livekit::room::{AudioStream, PublishOptions, PublishedTrack};
use hub_livekit::{Room, RoomOptions};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ROUNDS: usize = 50;
/// After so long nothing is sent any more, and the next sound begins anew.
const REST: Duration = Duration::from_millis(1_200);
/// A sample that silence does not have.
const LOUD: i16 = 1_000;

/// In milliseconds, of each round.
#[derive(Default)]
struct Moments {
    sent: Vec<f64>,
    silent: Vec<f64>,
    handed_out: Vec<f64>,
}

pub async fn measure(live: &Live, speech: &Speech, figures: &mut Vec<Value>) {
    let name = unique("moments");
    let (before, behind) = (Relay::start(&live.url, 21).await, Relay::start(&live.url, 22).await);
    let token = live.token(&name, "speaker");
    let (room, _events) = Room::connect(before.url(), &token, RoomOptions::new().unwrap()).await.unwrap();
    let track = room.publish(PublishOptions::new("bursts", RATE, 1).unwrap()).await.unwrap();
    // The listener says nothing that matters; its own speech is what keeps both of its connections busy.
    let mut listener = Speaker::join(live, behind.url(), &name, "listener", speech).await;
    let mut audio = listener.hear().await;
    let mut moments = Moments::default();
    round(&track, &mut audio, (&before, &behind), &mut Moments::default()).await;
    for _ in 0..ROUNDS {
        round(&track, &mut audio, (&before, &behind), &mut moments).await;
    }
    let rows = [
        ("sound pushed on an empty queue: packet sent", &mut moments.sent, 95, 20.0),
        ("queue cleared: sound of it that is still sent", &mut moments.silent, 99, 20.0),
        ("clean network, packet received: sound handed out", &mut moments.handed_out, 95, 45.0),
    ];
    for (what, values, of_hundred, most) in rows {
        let median = percentile(values, 50);
        figures.push(figure(&format!("{what}, median of {ROUNDS}"), median, "ms", Value::Null));
        let name = format!("{what}, p{of_hundred}");
        figures.push(figure(&name, percentile(values, of_hundred), "ms", json!({ "at_most": most })));
    }
}

/// A second of tone of which 300 ms are heard, the rest is thrown away.
async fn round(
    track: &PublishedTrack,
    audio: &mut AudioStream,
    (before, behind): (&Relay, &Relay),
    moments: &mut Moments,
) {
    let quiet = tokio::time::Instant::now() + REST;
    while tokio::time::timeout_at(quiet, audio.next()).await.is_ok() {}
    before.seen();
    behind.seen();
    let pushed = Instant::now();
    track.push(&tone()).unwrap();
    let handed_out = loud(audio, Duration::from_millis(300)).await;
    track.clear();
    let played = track.position().played;
    loud(audio, Duration::from_millis(400)).await;
    let (sent, received): (Vec<Seen>, Vec<Seen>) = (
        before.seen().into_iter().filter(|seen| seen.up).collect(),
        behind.seen().into_iter().filter(|seen| !seen.up).collect(),
    );
    let since =
        |later: Instant, earlier: Instant| later.saturating_duration_since(earlier).as_secs_f64() * 1e3;
    moments.sent.push(since(sent.first().unwrap().at, pushed));
    let after = track.position().played - played;
    moments.silent.push(1e3 * after as f64 / f64::from(RATE));
    let handed_out = handed_out.expect("the tone");
    moments.handed_out.push(since(handed_out, received.first().unwrap().at));
}

/// When the first loud frame of the next while was handed out.
async fn loud(audio: &mut AudioStream, during: Duration) -> Option<Instant> {
    let until = tokio::time::Instant::now() + during;
    let mut first = None;
    while let Ok(Some(frame)) = tokio::time::timeout_at(until, audio.next()).await {
        if first.is_none() && frame.samples.iter().any(|sample| sample.abs() > LOUD) {
            first = Some(Instant::now());
        }
    }
    first
}

fn tone() -> Vec<i16> {
    let wave = |at: usize| (std::f64::consts::TAU * 440.0 * at as f64 / f64::from(RATE)).sin();
    (0..RATE as usize).map(|at| (8_000.0 * wave(at)) as i16).collect()
}
