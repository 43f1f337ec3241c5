//! Candidates become a ranking. The score is computed here, from the agent's own statistics, so
//! that it is the same on every store and one agent's words never move another's ranking.
//!
//! Three legs, fused as the sum of z-scores (which beats reciprocal ranks by 6 to 9 points where
//! legs differ in strength):
//!
//! - *turn*: BM25 (Robertson and Zaragoza 2009; k1 1.2, b 0.75) of the memory itself;
//! - *window*: BM25 of the memory with the turns right before and after it;
//! - *neighbours*: each memory gets 0.2 of what the turns before and after it scored.

mod bm25;
mod document;
mod fuse;

pub use document::{Counts, Document, Query, Statistics};
pub use fuse::{Ranked, Weights, Why, rank};

#[cfg(test)]
mod tests;
