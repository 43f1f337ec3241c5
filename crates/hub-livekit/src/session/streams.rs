//! Streams of others, put together from their packets. No socket and no time.

use super::Session;
use crate::room::{Kept, RoomEvent, StreamError, StreamInfo, StreamReader};
use livekit_protocol as proto;
use proto::data_packet::Value;
use proto::data_stream::header::ContentHeader;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use tokio::sync::mpsc;

/// Streams that are open at the same time.
const MANY: usize = 256;
/// Pieces of one stream that wait for its reader.
const PIECES: usize = 2_048;
/// Bytes of all streams that wait for their readers.
const WAITING_BYTES: usize = 32 << 20;

type Piece = std::result::Result<Kept, StreamError>;

/// Streams that have begun and not ended, by sender and name.
#[derive(Default)]
pub(super) struct Incoming {
    open: HashMap<(String, String), Open>,
    waiting: Arc<AtomicUsize>,
}

struct Open {
    pieces: mpsc::Sender<Piece>,
    next: u64,
    received: u64,
    total: Option<u64>,
}

impl Session {
    /// What concerns streams is taken; anything else is given back.
    pub(super) fn streams(&mut self, identity: &str, value: Value) -> Option<Value> {
        match value {
            Value::StreamHeader(header) => {
                if let Some(stream) = self.streams.begin(identity, header) {
                    self.tell(RoomEvent::Stream { identity: identity.to_owned(), stream });
                }
            }
            Value::StreamChunk(chunk) => self.streams.piece(identity, chunk),
            Value::StreamTrailer(trailer) => self.streams.end(identity, &trailer),
            other => return Some(other),
        }
        None
    }
}

impl Incoming {
    fn begin(&mut self, identity: &str, header: proto::data_stream::Header) -> Option<StreamReader> {
        // Those that nobody reads any more make room.
        self.open.retain(|_, open| !open.pieces.is_closed());
        let key = (identity.to_owned(), header.stream_id.clone());
        if self.open.len() >= MANY || self.open.contains_key(&key) {
            tracing::warn!(identity, stream = header.stream_id, "a stream is refused");
            return None;
        }
        let total = header.total_length;
        let (pieces, taken) = mpsc::channel(PIECES);
        let reader = StreamReader::new(info(header), taken);
        self.open.insert(key, Open { pieces, next: 0, received: 0, total });
        Some(reader)
    }

    fn piece(&mut self, identity: &str, chunk: proto::data_stream::Chunk) {
        let key = (identity.to_owned(), chunk.stream_id);
        let Some(open) = self.open.get_mut(&key) else { return };
        if chunk.chunk_index < open.next {
            // It came before, by a connection that was lost meanwhile.
            return;
        }
        let fault = if chunk.chunk_index > open.next {
            Some(StreamError::Missing { expected: open.next })
        } else {
            open.next += 1;
            open.received = open.received.saturating_add(chunk.content.len() as u64);
            match (Kept::new(chunk.content, &self.waiting, WAITING_BYTES), open.total) {
                (_, Some(total)) if open.received > total => {
                    Some(StreamError::Length { received: open.received, total })
                }
                (None, _) => Some(StreamError::Unread),
                // The last place is for why it ended.
                (Some(_), _) if open.pieces.capacity() < 2 => Some(StreamError::Unread),
                (Some(kept), _) => match open.pieces.try_send(Ok(kept)) {
                    Ok(()) => None,
                    Err(_) => Some(StreamError::Unread),
                },
            }
        };
        if let Some(fault) = fault {
            self.break_off(&key, fault);
        }
    }

    fn end(&mut self, identity: &str, trailer: &proto::data_stream::Trailer) {
        let key = (identity.to_owned(), trailer.stream_id.clone());
        let Some(open) = self.open.get(&key) else { return };
        let received = open.received;
        match open.total.filter(|total| *total != received) {
            _ if !trailer.reason.is_empty() => {
                self.break_off(&key, StreamError::BrokenOff(trailer.reason.clone()));
            }
            Some(total) => self.break_off(&key, StreamError::Length { received, total }),
            None => {
                self.open.remove(&key);
            }
        }
    }

    /// A sender is gone, with everything it had not ended.
    pub(super) fn departed(&mut self, identity: &str) {
        let theirs: Vec<_> = self.open.keys().filter(|(sender, _)| sender == identity).cloned().collect();
        for key in theirs {
            self.break_off(&key, StreamError::BrokenOff("the sender left".to_owned()));
        }
    }

    fn break_off(&mut self, key: &(String, String), fault: StreamError) {
        if let Some(open) = self.open.remove(key) {
            let _gone = open.pieces.try_send(Err(fault));
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        for open in self.open.values() {
            let _gone = open.pieces.try_send(Err(StreamError::BrokenOff("the room is closed".to_owned())));
        }
    }
}

fn info(header: proto::data_stream::Header) -> StreamInfo {
    let (is_text, name) = match header.content_header {
        Some(ContentHeader::ByteHeader(bytes)) => (false, bytes.name),
        _ => (true, String::new()),
    };
    StreamInfo {
        id: header.stream_id,
        topic: header.topic,
        name,
        mime_type: header.mime_type,
        attributes: header.attributes,
        total_bytes: header.total_length,
        is_text,
    }
}
