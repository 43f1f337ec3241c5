//! The browser as a peer: what it promises to other tests, and an echo of ours that it hears.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod support;

use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;
use support::peer::Peer;
use support::{live, unique};

const SOON: Duration = Duration::from_secs(20);

/// A WAV file of a tone: ten seconds at 48 kHz, a whole number of periods, since Chromium repeats it.
fn tone(frequency: f64) -> PathBuf {
    let samples = (0..480_000).map(|at| {
        let turn = f64::from(at) * frequency / 48_000.0 * std::f64::consts::TAU;
        (8_000.0 * turn.sin()) as i16
    });
    let data: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
    let length = u32::try_from(data.len()).unwrap();
    let mut file = b"RIFF".to_vec();
    file.extend((length + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(48_000_u32.to_le_bytes());
    file.extend(96_000_u32.to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(length.to_le_bytes());
    file.extend(data);
    let path = std::env::temp_dir().join(format!("{}.wav", unique("hub-tone")));
    std::fs::write(&path, file).unwrap();
    path
}

#[tokio::test]
async fn a_browser_and_python_hear_and_write_to_each_other() {
    let Some(live) = live() else { return };
    let file = tone(660.0);
    let (Some(browser), Some(python)) = (Peer::browser(&file), Peer::python()) else { return };
    let room = unique("browser");
    let topics = json!({ "texts": ["chat"], "methods": ["echo"] });
    browser.join_with(&live, &live.url, &room, "browser", topics.clone()).await;
    python.join_with(&live, &live.url, &room, "python", topics).await;
    browser.order("publish", json!({})).await;
    python.order("publish", json!({ "frequency": 440 })).await;
    let (of_browser, of_python) = tokio::join!(python.hear("browser", 2.0), browser.hear("python", 2.0));
    println!("the browser is heard as {of_browser}, and hears {of_python}");
    assert!((of_browser["frequency"].as_f64().unwrap() - 660.0).abs() < 3.0, "{of_browser}");
    assert!((of_python["frequency"].as_f64().unwrap() - 440.0).abs() < 3.0, "{of_python}");

    python.order("data", json!({ "data": "aGVsbG8=", "topic": "greeting" })).await;
    browser.event("data", SOON, |event| event["data"] == "aGVsbG8=").await;
    browser.order("text", json!({ "text": "good day", "topic": "chat" })).await;
    python.event("text", SOON, |event| event["text"] == "good day").await;
    let answer = browser.order("call", json!({ "to": "python", "method": "echo", "payload": "x" })).await;
    assert_eq!(answer["answer"], "browser: x");
    let answer =
        python.order("call", json!({ "to": "browser", "method": "echo", "payload": "refuse" })).await;
    assert_eq!(answer["code"], 1500);
    browser.order("leave", json!({})).await;
    python.event("left", SOON, |event| event["identity"] == "browser").await;
    std::fs::remove_file(file).unwrap();
}
