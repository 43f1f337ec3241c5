//! Redundant audio data, RFC 2198: a packet that carries copies of earlier ones.
//!
//! Blocks stand oldest first, the newest last. A header of four bytes tells each copy's payload type, how
//! far its timestamp lies back and its length; the newest has one byte with its payload type.

mod compose;
mod parse;

pub use compose::{Composer, MAX_LENGTH, MAX_OFFSET};
pub use parse::{Block, Malformed, parse};
