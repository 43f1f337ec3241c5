//! Streams and transcriptions, beside Python's package.

use super::{SOON, connected, event, join};
use crate::support::peer::Peer;
use crate::support::{live, unique};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hub_livekit::room::{StreamError, StreamOptions, StreamReader, Transcription};
use hub_livekit::{RoomEvent, RoomEvents};
use serde_json::json;

const LIMIT: usize = 1 << 20;

async fn stream(events: &mut RoomEvents, sender: &str) -> StreamReader {
    event(events, "a stream", |event| match event {
        RoomEvent::Stream { identity, stream } if identity == sender => Some(stream),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn text_and_bytes_of_any_length_go_both_ways() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let name = unique("streams");
    let handlers = json!({ "texts": ["chat"], "bytes": ["files"] });
    peer.join_with(&live, &live.url, &name, "python", handlers).await;
    let (room, mut events) = join(&live, &name, "rust").await;
    connected(&mut events).await;
    // Three bytes a character, so that pieces cannot end everywhere.
    let text = "\u{20ac}".repeat(20_000);
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(|number| number.to_le_bytes()).collect();

    let mut options = StreamOptions::new("chat");
    options.attributes.insert("mood".to_owned(), "calm".to_owned());
    room.send_text(&text, options).await.unwrap();
    let told = peer.event("text", SOON, |_| true).await;
    assert_eq!((&told["text"], &told["identity"]), (&json!(text), &json!("rust")));
    assert_eq!(told["attributes"]["mood"], "calm");
    let options = StreamOptions { name: "numbers.bin".to_owned(), ..StreamOptions::new("files") };
    room.send_bytes(&bytes, options).await.unwrap();
    let told = peer.event("bytes", SOON, |_| true).await;
    assert_eq!(told["name"], "numbers.bin");
    assert_eq!(STANDARD.decode(told["data"].as_str().unwrap()).unwrap(), bytes);

    peer.order("text", json!({ "text": text, "topic": "chat", "attributes": { "mood": "calm" } })).await;
    let came = stream(&mut events, "python").await;
    assert!(came.info().is_text && came.info().topic == "chat", "{:?}", came.info());
    assert_eq!(came.info().attributes["mood"], "calm");
    assert_eq!(came.text(LIMIT).await.unwrap(), text);
    peer.order("bytes", json!({ "data": STANDARD.encode(&bytes), "topic": "files", "name": "n" })).await;
    let came = stream(&mut events, "python").await;
    assert_eq!((came.info().is_text, came.info().name.as_str()), (false, "n"));
    assert_eq!(came.bytes(LIMIT).await.unwrap(), bytes);
    peer.order("bytes", json!({ "data": STANDARD.encode(&bytes), "topic": "files" })).await;
    let long = stream(&mut events, "python").await.bytes(1_000).await;
    assert_eq!(long, Err(StreamError::TooLong { limit: 1_000 }));
    room.leave().await;
}

#[tokio::test]
async fn a_transcription_names_its_track_and_a_writer_that_goes_breaks_off() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let name = unique("streams");
    peer.join_with(&live, &live.url, &name, "python", json!({ "texts": ["lk.transcription"] })).await;
    let (first, _events) = join(&live, &name, "first").await;
    let (second, mut of_second) = join(&live, &name, "second").await;
    connected(&mut of_second).await;
    let said = Transcription {
        segment: "SG_1".to_owned(),
        track: Some("TR_1".to_owned()),
        text: "good morning".to_owned(),
        is_final: true,
    };
    first.transcribe(&said, &[]).await.unwrap();
    let told = peer.event("text", SOON, |_| true).await;
    assert_eq!(told["text"], "good morning");
    let attributes = json!({
        "lk.segment_id": "SG_1", "lk.transcribed_track_id": "TR_1", "lk.transcription_final": "true",
    });
    assert_eq!(told["attributes"], attributes);
    let came = stream(&mut of_second, "first").await;
    let info = came.info().clone();
    let text = came.text(LIMIT).await.unwrap();
    assert_eq!(Transcription::read(&info, &text), Some(said));

    let mut writer = first.write_text(StreamOptions::new("chat")).await.unwrap();
    writer.write(b"half a ").await.unwrap();
    drop(writer);
    let cut = stream(&mut of_second, "first").await.text(LIMIT).await;
    assert!(matches!(cut, Err(StreamError::BrokenOff(_))), "{cut:?}");
    let mut writer = first.write_text(StreamOptions::new("chat")).await.unwrap();
    writer.write(b"half a ").await.unwrap();
    let reader = stream(&mut of_second, "first").await;
    first.leave().await;
    let cut = reader.text(LIMIT).await;
    assert!(matches!(cut, Err(StreamError::BrokenOff(_))), "{cut:?}");
    second.leave().await;
}
