//! Content that its sender compressed: DEFLATE without a frame around it (RFC 1951).

use crate::room::StreamError;
use flate2::{Decompress, FlushDecompress, Status};

/// What is inflated at once: a few bytes may become a thousand times as many, which the reader's bound sees
/// piece by piece.
const PIECE: usize = 64 << 10;

/// The state of one stream.
pub(super) struct Inflate {
    state: Decompress,
    ended: bool,
}

impl Default for Inflate {
    fn default() -> Self {
        Self { state: Decompress::new(false), ended: false }
    }
}

impl Inflate {
    /// The next piece of what `rest` holds; `None` where more is needed first.
    ///
    /// # Errors
    /// [`StreamError::Compressed`] for what is no DEFLATE, and for what follows its end.
    pub(super) fn next(&mut self, rest: &mut &[u8]) -> Result<Option<Vec<u8>>, StreamError> {
        if self.ended {
            return if rest.is_empty() { Ok(None) } else { Err(StreamError::Compressed) };
        }
        let mut piece = Vec::with_capacity(PIECE);
        let before = self.state.total_in();
        let status = self.state.decompress_vec(rest, &mut piece, FlushDecompress::None);
        let status = status.map_err(|_| StreamError::Compressed)?;
        let taken = usize::try_from(self.state.total_in() - before).unwrap_or(usize::MAX);
        *rest = rest.get(taken..).unwrap_or_default();
        self.ended = status == Status::StreamEnd;
        Ok((!piece.is_empty()).then_some(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_inflated_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let (mut inflate, mut rest) = (Inflate::default(), bytes.as_slice());
            for _ in 0..1_000 {
                match inflate.next(&mut rest) {
                    Ok(Some(piece)) => prop_assert!(piece.len() <= PIECE),
                    Ok(None) | Err(_) => break,
                }
            }
        }
    }
}
