//! What is heard through a bad network.

use crate::figure;
use crate::network::{Faults, Relay};
use crate::speaker::Speaker;
use crate::speech::Speech;
use crate::support::{Live, unique};
use hub_livekit::sound::ReceiverStatistics;
use serde_json::{Value, json};
use std::time::Duration;

/// Before anything is counted.
const WARM: Duration = Duration::from_secs(3);

pub async fn measure(live: &Live, speech: &Speech, during: Duration, figures: &mut Vec<Value>) {
    let lossy = heard(live, speech, Faults { loss: 0.1, ..Faults::default() }, during).await;
    figures.push(figure(
        "10 % loss each way: sound concealed",
        share(&lossy, |told| told.concealed),
        "%",
        json!({ "at_most": 1.5 }),
    ));
    let jitter = Faults { loss: 0.02, jitter: Duration::from_millis(80), ..Faults::default() };
    let jittery = heard(live, speech, jitter, during).await;
    figures.push(figure(
        "0-80 ms jitter, 2 % loss: sound late or concealed",
        share(&jittery, |told| told.concealed),
        "%",
        json!({ "at_most": 3.0 }),
    ));
}

/// The statistics of a listener behind a relay, before and after.
async fn heard(
    live: &Live,
    speech: &Speech,
    faults: Faults,
    during: Duration,
) -> (ReceiverStatistics, ReceiverStatistics) {
    let name = unique("faults");
    let relay = Relay::start(&live.url, 11).await;
    let speaker = Speaker::join(live, &live.url, &name, "speaker", speech).await;
    let mut listener = Speaker::join(live, relay.url(), &name, "listener", speech).await;
    let mut audio = listener.hear().await;
    relay.set(faults, faults);
    let until = tokio::time::Instant::now() + WARM;
    while tokio::time::timeout_at(until, audio.next()).await.is_ok() {}
    let before = audio.statistics();
    let until = tokio::time::Instant::now() + during;
    while tokio::time::timeout_at(until, audio.next()).await.is_ok() {}
    drop(speaker);
    (before, audio.statistics())
}

fn share(
    told: &(ReceiverStatistics, ReceiverStatistics),
    of: impl Fn(&ReceiverStatistics) -> Duration,
) -> f64 {
    let played = told.1.played.saturating_sub(told.0.played).as_secs_f64();
    100.0 * of(&told.1).saturating_sub(of(&told.0)).as_secs_f64() / played
}
