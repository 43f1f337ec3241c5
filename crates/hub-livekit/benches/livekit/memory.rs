//! What many participants in one process weigh.

use crate::figure;
use crate::speaker::Speaker;
use crate::speech::Speech;
use crate::support::{Live, unique};
use serde_json::{Value, json};
use std::time::Duration;

const ROOMS: usize = 25;

pub async fn measure(live: &Live, speech: &Speech, figures: &mut Vec<Value>) {
    let before = resident();
    let mut speakers = Vec::new();
    for _ in 0..ROOMS {
        let name = unique("memory");
        for identity in ["one", "other"] {
            let mut speaker = Speaker::join(live, &live.url, &name, identity, speech).await;
            if identity == "other" {
                drop(tokio::time::timeout(Duration::from_secs(10), speaker.hear()).await.unwrap());
            }
            speakers.push(speaker);
        }
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    // The recordings that they speak are the benchmark's own.
    let recordings = (speakers.len() * 30 * crate::speech::RATE as usize * 2) as f64;
    let each = (resident() - before - recordings) / speakers.len() as f64 / 1e6;
    figures.push(figure(
        "50 participants in one process: memory of each",
        each,
        "MB",
        json!({ "at_most": 3.0 }),
    ));
}

/// Bytes of this process in memory.
fn resident() -> f64 {
    let told = std::fs::read_to_string("/proc/self/statm").unwrap();
    told.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4_096.0
}
