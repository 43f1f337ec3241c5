//! Streams of others, put together from their packets. No socket and no time.

mod inflate;

use super::Session;
use crate::room::{Kept, RoomEvent, StreamError, StreamInfo, StreamReader};
use inflate::Inflate;
use livekit_protocol as proto;
use proto::data_packet::Value;
use proto::data_stream::header::ContentHeader;
use proto::data_stream::{CompressionType, Header};
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
type Taken = std::result::Result<(), StreamError>;

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
    /// What was said of its length, uncompressed.
    total: Option<u64>,
    inflate: Option<Inflate>,
    waiting: Arc<AtomicUsize>,
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
    #[cfg(any(test, fuzzing))]
    pub(super) fn assert_bounded(&self) {
        assert!(self.open.len() <= MANY);
        // A piece is inflated before it is counted.
        let bytes = self.waiting.load(std::sync::atomic::Ordering::Relaxed);
        assert!(bytes <= WAITING_BYTES + (1 << 20), "{bytes} bytes wait for readers");
    }

    fn begin(&mut self, identity: &str, mut header: Header) -> Option<StreamReader> {
        // Those that nobody reads any more make room.
        self.open.retain(|_, open| !open.pieces.is_closed());
        let key = (identity.to_owned(), header.stream_id.clone());
        // Another number is of a later protocol, of whose content nothing can be made.
        let compression = CompressionType::try_from(header.compression).ok();
        let known = compression.filter(|_| self.open.len() < MANY && !self.open.contains_key(&key));
        let Some(compression) = known else {
            tracing::warn!(identity, stream = header.stream_id, "a stream is refused");
            return None;
        };
        let (pieces, taken) = mpsc::channel(PIECES);
        let mut open = Open {
            pieces,
            next: 0,
            received: 0,
            total: header.total_length,
            inflate: (compression == CompressionType::DeflateRaw).then(Inflate::default),
            waiting: Arc::clone(&self.waiting),
        };
        let whole = header.inline_content.take();
        let reader = StreamReader::new(info(header), taken);
        match whole {
            // What is short comes with its header, and nothing after it.
            Some(content) => {
                let taken = open.take(content);
                open.finish(taken);
            }
            None => drop(self.open.insert(key, open)),
        }
        Some(reader)
    }

    fn piece(&mut self, identity: &str, chunk: proto::data_stream::Chunk) {
        let key = (identity.to_owned(), chunk.stream_id);
        let Some(open) = self.open.get_mut(&key) else { return };
        if chunk.chunk_index < open.next {
            // It came before, by a connection that was lost meanwhile.
            return;
        }
        let taken = if chunk.chunk_index > open.next {
            Err(StreamError::Missing { expected: open.next })
        } else {
            open.next += 1;
            open.take(chunk.content)
        };
        if let Err(fault) = taken {
            self.break_off(&key, fault);
        }
    }

    fn end(&mut self, identity: &str, trailer: &proto::data_stream::Trailer) {
        let key = (identity.to_owned(), trailer.stream_id.clone());
        let Some(open) = self.open.remove(&key) else { return };
        let reason = Some(trailer.reason.clone()).filter(|reason| !reason.is_empty());
        open.finish(reason.map_or(Ok(()), |reason| Err(StreamError::BrokenOff(reason))));
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
            open.finish(Err(fault));
        }
    }
}

impl Open {
    /// Takes content, which is next in order.
    fn take(&mut self, content: Vec<u8>) -> Taken {
        let Some(mut inflate) = self.inflate.take() else { return self.keep(content) };
        let mut rest = content.as_slice();
        while let Some(piece) = inflate.next(&mut rest)? {
            self.keep(piece)?;
        }
        self.inflate = Some(inflate);
        Ok(())
    }

    fn keep(&mut self, content: Vec<u8>) -> Taken {
        self.received = self.received.saturating_add(content.len() as u64);
        if let Some(total) = self.total.filter(|total| self.received > *total) {
            return Err(StreamError::Length { received: self.received, total });
        }
        let kept = Kept::new(content, &self.waiting, WAITING_BYTES).ok_or(StreamError::Unread)?;
        // The last place is for why it ended.
        if self.pieces.capacity() < 2 {
            return Err(StreamError::Unread);
        }
        self.pieces.try_send(Ok(kept)).map_err(|_| StreamError::Unread)
    }

    /// Its end, which is none where something was wrong with it.
    fn finish(self, ended: Taken) {
        let short = self.total.filter(|total| *total != self.received);
        let short = short.map(|total| StreamError::Length { received: self.received, total });
        if let Some(fault) = ended.err().or(short) {
            let _gone = self.pieces.try_send(Err(fault));
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        for (_, open) in self.open.drain() {
            open.finish(Err(StreamError::BrokenOff("the room is closed".to_owned())));
        }
    }
}

fn info(header: Header) -> StreamInfo {
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

#[cfg(test)]
mod tests;
