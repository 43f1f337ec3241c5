use super::*;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use proto::data_stream::{Chunk, Trailer};
use std::io::Write as _;

fn header(compression: i32, content: Option<Vec<u8>>, total: Option<u64>) -> Header {
    Header {
        stream_id: "one".to_owned(),
        compression,
        inline_content: content,
        total_length: total,
        ..Header::default()
    }
}

fn chunk(index: u64, content: &[u8]) -> Chunk {
    Chunk { stream_id: "one".to_owned(), chunk_index: index, content: content.to_vec(), ..Chunk::default() }
}

fn trailer() -> Trailer {
    Trailer { stream_id: "one".to_owned(), ..Trailer::default() }
}

fn compressed(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn what_is_short_comes_with_its_header() {
    let mut streams = Incoming::default();
    let reader = streams.begin("a", header(0, Some(b"hello".to_vec()), Some(5))).unwrap();
    assert_eq!(reader.text(10).await.unwrap(), "hello");
    let reader = streams.begin("a", header(1, Some(compressed(&[7; 100_000])), Some(100_000))).unwrap();
    assert_eq!(reader.bytes(100_000).await.unwrap(), [7; 100_000]);
    let reader = streams.begin("a", header(0, Some(b"hell".to_vec()), Some(5))).unwrap();
    assert_eq!(reader.text(10).await, Err(StreamError::Length { received: 4, total: 5 }));
    assert!(streams.open.is_empty());
}

#[tokio::test]
async fn compressed_pieces_are_one_whole() {
    let mut streams = Incoming::default();
    let content: Vec<u8> = (0..50_000_u32).flat_map(u32::to_be_bytes).collect();
    let reader = streams.begin("a", header(1, None, Some(200_000))).unwrap();
    for (index, part) in compressed(&content).chunks(999).enumerate() {
        streams.piece("a", chunk(index as u64, part));
        // What comes again changes nothing.
        streams.piece("a", chunk(index as u64, part));
    }
    streams.end("a", &trailer());
    assert_eq!(reader.bytes(200_000).await.unwrap(), content);
}

#[tokio::test]
async fn what_cannot_be_inflated_ends_with_that() {
    let mut streams = Incoming::default();
    let reader = streams.begin("a", header(1, Some(vec![0xff; 40]), None)).unwrap();
    assert_eq!(reader.bytes(100).await, Err(StreamError::Compressed));
    let mut more = compressed(b"hello");
    more.push(1);
    let reader = streams.begin("a", header(1, Some(more), None)).unwrap();
    assert_eq!(reader.bytes(100).await, Err(StreamError::Compressed));
    assert!(streams.begin("a", header(99, Some(Vec::new()), None)).is_none());
}

/// Sixty kilobytes that mean sixty megabytes cost no more than readers may have waiting.
#[tokio::test]
async fn a_small_stream_that_grows_without_end_is_bounded() {
    let mut streams = Incoming::default();
    let bomb = compressed(&vec![0; 60 << 20]);
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    let reader = streams.begin("a", header(1, Some(bomb), None)).unwrap();
    let waiting = streams.waiting.load(std::sync::atomic::Ordering::Relaxed);
    assert!(waiting <= WAITING_BYTES + (64 << 10), "{waiting}");
    assert_eq!(reader.bytes(usize::MAX).await, Err(StreamError::Unread));
    assert_eq!(streams.waiting.load(std::sync::atomic::Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_piece_that_is_missing_ends_it() {
    let mut streams = Incoming::default();
    let reader = streams.begin("a", header(0, None, None)).unwrap();
    streams.piece("a", chunk(0, b"x"));
    streams.piece("b", chunk(1, b"of another sender"));
    streams.piece("a", chunk(2, b"z"));
    assert_eq!(reader.bytes(10).await, Err(StreamError::Missing { expected: 1 }));
}
