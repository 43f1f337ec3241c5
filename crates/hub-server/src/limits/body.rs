//! Reading a request's body within its bounds of size, time and memory.

use crate::errors::{Failure, Result};
use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::HeaderMap;
use axum::http::header::EXPECT;
use http_body_util::BodyExt as _;
use hub_core::protocol::limits::BODY_BYTES;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// Bodies up to this size are not counted: they are as small as what else a request costs.
const SMALL_BYTES: usize = 64 * 1024;
/// Bytes of a refused body that are read and dropped. A client that is cut off while it sends may
/// never see the answer.
const DRAINED_BYTES: usize = 512 * 1024 * 1024;
/// Time for which a refused body is read and dropped.
const DRAINED_FOR: Duration = Duration::from_secs(10);

/// Bytes of large bodies that are held at once.
#[derive(Debug)]
pub(crate) struct Bodies {
    most: usize,
    held: AtomicUsize,
}

/// A share of the bytes; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share<'b> {
    bodies: &'b Bodies,
    bytes: usize,
}

impl Bodies {
    pub(crate) fn new(most: usize) -> Self {
        Self { most: most.max(BODY_BYTES), held: AtomicUsize::new(0) }
    }

    fn share(&self, bytes: usize) -> Result<Option<Share<'_>>> {
        if bytes <= SMALL_BYTES {
            return Ok(None);
        }
        let share = Share { bodies: self, bytes };
        if self.held.fetch_add(bytes, Ordering::Relaxed) + bytes > self.most {
            let limit = format!("{} bytes", self.most);
            return Err(Failure::busy("too_many_bodies", "too many large bodies are being read", limit));
        }
        Ok(Some(share))
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.bodies.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The body, with its share of the memory, which the caller holds while he holds the body.
///
/// # Errors
/// 413 beyond [`BODY_BYTES`], 408 when it takes longer than `seconds`, 503 when too many others are
/// held, 400 when it ends early.
pub(crate) async fn read<'b>(
    bodies: &'b Bodies,
    headers: &HeaderMap,
    body: Body,
    seconds: u64,
) -> Result<(Bytes, Option<Share<'b>>)> {
    let stated = body.size_hint();
    if stated.lower() > BODY_BYTES as u64 {
        if !headers.contains_key(EXPECT) {
            drain(body).await;
        }
        return Err(Failure::body_too_large());
    }
    // A body of unstated length may become as large as any may.
    let share = match stated.exact() {
        Some(bytes) => bodies.share(usize::try_from(bytes).unwrap_or(usize::MAX))?,
        None => bodies.share(BODY_BYTES)?,
    };
    match timeout(Duration::from_secs(seconds.max(1)), gather(body)).await {
        Ok(read) => Ok((read?, share)),
        Err(_) => Err(Failure::body_too_slow(seconds)),
    }
}

async fn gather(mut body: Body) -> Result<Bytes> {
    let mut first = Bytes::new();
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::body_cut())?;
        let Ok(bytes) = frame.into_data() else { continue };
        if first.len().max(whole.len()) + bytes.len() > BODY_BYTES {
            drain(body).await;
            return Err(Failure::body_too_large());
        }
        // Most bodies are one frame, which is handed on without a copy.
        if first.is_empty() && whole.is_empty() {
            first = bytes;
        } else {
            if whole.is_empty() {
                whole.extend_from_slice(&std::mem::take(&mut first));
            }
            whole.extend_from_slice(&bytes);
        }
    }
    Ok(if whole.is_empty() { first } else { whole.into() })
}

/// Reads and drops what a client still sends of a refused body, within bounds.
pub(crate) async fn drain(mut body: Body) {
    let dropped = async {
        let mut bytes = 0;
        while let Some(Ok(frame)) = body.frame().await {
            bytes += frame.data_ref().map_or(0, Bytes::len);
            if bytes > DRAINED_BYTES {
                break;
            }
        }
    };
    let _or_given_up = timeout(DRAINED_FOR, dropped).await;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn large_bodies_share_a_bound_and_give_it_back() {
        let bodies = Bodies::new(BODY_BYTES);
        let first = bodies.share(BODY_BYTES).unwrap();
        let refused = bodies.share(BODY_BYTES).unwrap_err();
        assert_eq!(refused.error.code(), "too_many_bodies");
        assert!(bodies.share(SMALL_BYTES).unwrap().is_none());
        drop(first);
        assert!(bodies.share(BODY_BYTES).unwrap().is_some());
    }
}
