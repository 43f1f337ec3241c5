//! The example that writes what it hears.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "../examples/listening/mod.rs"]
mod listening;
mod support;

use hub_livekit::{Room, RoomOptions};
use serde_json::json;
use std::time::Duration;
use support::peer::Peer;
use support::{live, purity, unique};

/// The samples of a WAV, whose header must say what is there.
fn samples(wav: &[u8]) -> Vec<i16> {
    let word = |at: usize| u32::from_le_bytes(wav[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!((&wav[..4], &wav[8..16], &wav[36..40]), (&b"RIFF"[..], &b"WAVEfmt "[..], &b"data"[..]));
    assert_eq!((word(4), word(40), word(24)), (wav.len() - 8, wav.len() - 44, 48_000));
    wav[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

#[tokio::test]
async fn each_speaker_is_in_a_file_of_its_own() {
    let Some(live) = live() else { return };
    let (Some(low), Some(high)) = (Peer::python(), Peer::python()) else { return };
    let (name, folder) = (unique("listen"), std::env::temp_dir().join(unique("hub-livekit-heard")));
    let token = live.token(&name, "listener");
    let (room, mut events) = Room::connect(&live.url, &token, RoomOptions::new().unwrap()).await.unwrap();
    let heard = folder.clone();
    let listening = tokio::spawn(async move { listening::listen(&mut events, &heard).await });
    for (peer, identity, frequency) in [(&low, "low/../..", 440), (&high, "high", 880)] {
        peer.join(&live, &live.url, &name, identity).await;
        peer.order("publish", json!({ "frequency": frequency })).await;
    }
    // What is measured is the sound of two seconds, which takes two seconds.
    tokio::time::sleep(Duration::from_secs(4)).await;
    room.leave().await;
    let mut files = listening.await.unwrap().unwrap();
    files.sort();
    let names: Vec<_> = files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
    assert!(names.len() == 2 && names[0].starts_with("high-TR_"), "{names:?}");
    assert!(names[1].starts_with("low______-TR_"), "{names:?}");
    for (file, frequency) in files.iter().zip([880.0, 440.0]) {
        let samples = samples(&std::fs::read(file).unwrap());
        assert!(samples.len() > 96_000, "{}: {} samples", file.display(), samples.len());
        // In pieces of 100 ms, since a delay that adapts moves the phase. A peer that is starved makes gaps in
        // its own tone: what counts is that the tone is there, and nothing of the other's.
        let pieces = |of: f64| samples.chunks_exact(4_800).map(move |part| purity(part, of));
        let pure = pieces(frequency).filter(|share| *share > 0.95).count();
        let others = pieces(1_320.0 - frequency).filter(|share| *share > 0.5).count();
        println!("{}: {pure} pieces of {}", file.display(), samples.len() / 4_800);
        assert!(pure >= 5 && others == 0, "{pure} pieces are the tone, {others} the other's");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
