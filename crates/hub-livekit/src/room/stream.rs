//! Text and bytes of any length between participants, in pieces: LiveKit's data streams, version 1.

use super::packets::Packets;
use crate::error::{Error, Result};
use livekit_protocol as proto;
use proto::data_packet::Value;
use proto::data_stream::header::ContentHeader;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;

/// Bytes of one piece; the server takes packets of little more.
const PIECE: usize = 15_000;

/// What a stream says of itself before its content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct StreamInfo {
    /// The sender's name for it, the same for nobody else.
    pub id: String,
    /// What it is about.
    pub topic: String,
    /// A file's name; empty for text.
    pub name: String,
    /// The kind of content, `text/plain` for text.
    pub mime_type: String,
    /// More, by name.
    pub attributes: HashMap<String, String>,
    /// How many bytes follow, where the sender knew it.
    pub total_bytes: Option<u64>,
    /// The content is text.
    pub is_text: bool,
}

/// Why a stream ended before its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// Its sender broke it off, for that reason, or left.
    #[error("the stream was broken off: {0}")]
    BrokenOff(String),
    /// A piece is missing.
    #[error("piece {expected} of the stream is missing")]
    Missing {
        /// The piece that should have come.
        expected: u64,
    },
    /// What came is not as long as was said.
    #[error("the stream has {received} bytes, and not {total} as was said")]
    Length {
        /// What came.
        received: u64,
        /// What was said.
        total: u64,
    },
    /// More came than is kept for a reader that is late.
    #[error("the stream was not read in time")]
    Unread,
    /// It is longer than the reader wants it.
    #[error("the stream is longer than {limit} bytes")]
    TooLong {
        /// What the reader wanted.
        limit: usize,
    },
    /// What is said to be compressed is not, or not whole.
    #[error("the stream's compressed content cannot be read")]
    Compressed,
    /// It is no UTF-8.
    #[error("the stream is not text")]
    NotText,
}

/// A stream of another participant.
#[derive(Debug)]
pub struct StreamReader {
    info: StreamInfo,
    pieces: mpsc::Receiver<std::result::Result<Kept, StreamError>>,
}

impl StreamReader {
    pub(crate) const fn new(
        info: StreamInfo,
        pieces: mpsc::Receiver<std::result::Result<Kept, StreamError>>,
    ) -> Self {
        Self { info, pieces }
    }

    /// What it says of itself.
    #[must_use]
    pub const fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// The next piece; `None` at the end. A piece of text ends within a character only where its sender
    /// compressed it, or is none of LiveKit's.
    ///
    /// # Errors
    /// The stream ended before its end; nothing follows.
    pub async fn next(&mut self) -> Option<std::result::Result<Vec<u8>, StreamError>> {
        let piece = self.pieces.recv().await?;
        Some(piece.map(Kept::take))
    }

    /// Everything that is left.
    ///
    /// # Errors
    /// The stream ended before its end, or is longer than `limit` bytes.
    pub async fn bytes(mut self, limit: usize) -> std::result::Result<Vec<u8>, StreamError> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await {
            all.extend(piece?);
            if all.len() > limit {
                return Err(StreamError::TooLong { limit });
            }
        }
        Ok(all)
    }

    /// Everything that is left, as text.
    ///
    /// # Errors
    /// Those of [`StreamReader::bytes`], and [`StreamError::NotText`].
    pub async fn text(self, limit: usize) -> std::result::Result<String, StreamError> {
        String::from_utf8(self.bytes(limit).await?).map_err(|_| StreamError::NotText)
    }
}

/// A piece that waits for its reader, counted with all that wait.
#[derive(Debug)]
pub(crate) struct Kept {
    bytes: Vec<u8>,
    waiting: Arc<AtomicUsize>,
}

impl Kept {
    /// `None` where `limit` bytes wait already.
    pub(crate) fn new(bytes: Vec<u8>, waiting: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        let before = waiting.fetch_add(bytes.len(), Ordering::Relaxed);
        let kept = Self { bytes, waiting: Arc::clone(waiting) };
        (before < limit).then_some(kept)
    }

    fn take(mut self) -> Vec<u8> {
        self.waiting.fetch_sub(self.bytes.len(), Ordering::Relaxed);
        std::mem::take(&mut self.bytes)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

/// How a stream is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StreamOptions {
    /// What it is about: readers choose by it.
    pub topic: String,
    /// A file's name, for bytes.
    pub name: String,
    /// More, by name.
    pub attributes: HashMap<String, String>,
    /// How many bytes follow, where that is known: readers then see a stream that is cut.
    pub total_bytes: Option<u64>,
    /// The identities that get it; everybody where there is none.
    pub to: Vec<String>,
}

impl StreamOptions {
    /// For everybody, about that.
    #[must_use]
    pub fn new(topic: &str) -> Self {
        Self { topic: topic.to_owned(), ..Self::default() }
    }
}

/// A stream of this participant. Dropping it breaks it off.
#[derive(Debug)]
pub struct StreamWriter {
    packets: Packets,
    id: String,
    next: u64,
    is_text: bool,
    ended: bool,
}

impl StreamWriter {
    pub(crate) async fn open(packets: Packets, options: StreamOptions, is_text: bool) -> Result<Self> {
        let id = crate::session::unique("ST_")?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let content = if is_text {
            ContentHeader::TextHeader(proto::data_stream::TextHeader::default())
        } else {
            ContentHeader::ByteHeader(proto::data_stream::ByteHeader { name: options.name })
        };
        let mime_type = if is_text { "text/plain" } else { "application/octet-stream" };
        let header = proto::data_stream::Header {
            stream_id: id.clone(),
            timestamp: i64::try_from(now.as_millis()).unwrap_or(i64::MAX),
            topic: options.topic,
            mime_type: mime_type.to_owned(),
            total_length: options.total_bytes,
            attributes: options.attributes,
            content_header: Some(content),
            ..proto::data_stream::Header::default()
        };
        packets.send(Value::StreamHeader(header)).await?;
        Ok(Self { packets, id, next: 0, is_text, ended: false })
    }

    /// The stream's name, as its readers see it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Sends more of it, in pieces of at most 15 000 bytes, and waits until the channel has taken them. Of a
    /// stream of text this is UTF-8, and no piece ends within a character.
    ///
    /// # Errors
    /// Those of [`super::Room::send`]; [`Error::Protocol`] where the content of a text is none.
    pub async fn write(&mut self, content: &[u8]) -> Result<()> {
        let text = self.is_text.then(|| std::str::from_utf8(content)).transpose();
        let text = text.map_err(|_| Error::Protocol("the content of a text is no UTF-8".to_owned()))?;
        let mut rest = content;
        while !rest.is_empty() {
            let mut length = rest.len().min(PIECE);
            if text.is_some() {
                length = whole_characters(rest, length);
            }
            let (piece, after) = rest.split_at(length);
            let chunk = proto::data_stream::Chunk {
                stream_id: self.id.clone(),
                chunk_index: self.next,
                content: piece.to_vec(),
                ..proto::data_stream::Chunk::default()
            };
            self.packets.send(Value::StreamChunk(chunk)).await?;
            self.next += 1;
            rest = after;
        }
        Ok(())
    }

    /// Ends it.
    ///
    /// # Errors
    /// Those of [`super::Room::send`].
    pub async fn end(mut self) -> Result<()> {
        self.ended = true;
        self.packets.send(Value::StreamTrailer(self.trailer(""))).await
    }

    fn trailer(&self, reason: &str) -> proto::data_stream::Trailer {
        proto::data_stream::Trailer {
            stream_id: self.id.clone(),
            reason: reason.to_owned(),
            ..proto::data_stream::Trailer::default()
        }
    }
}

impl Drop for StreamWriter {
    fn drop(&mut self) {
        if !self.ended {
            self.packets.try_send(Value::StreamTrailer(self.trailer("the sender broke it off")));
        }
    }
}

/// The longest beginning of UTF-8 that ends with a character and has at most `length` bytes.
fn whole_characters(text: &[u8], length: usize) -> usize {
    let is_inside = |at: usize| text.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    let mut end = length;
    while end > 0 && is_inside(end) {
        end -= 1;
    }
    if end == 0 { length } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_of_text_ends_with_a_character() {
        let text = "aé€".as_bytes();
        assert_eq!([1, 2, 3, 4, 5, 6].map(|length| whole_characters(text, length)), [1, 1, 3, 3, 3, 6]);
    }

    #[test]
    fn what_waits_is_counted_and_bounded() {
        let waiting = Arc::new(AtomicUsize::new(0));
        let first = Kept::new(vec![0; 10], &waiting, 10).unwrap();
        assert!(Kept::new(vec![0; 1], &waiting, 10).is_none());
        assert_eq!(waiting.load(Ordering::Relaxed), 10);
        assert_eq!(first.take().len(), 10);
        assert_eq!(waiting.load(Ordering::Relaxed), 0);
    }
}
