//! The shapes: against the golden file, and given anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod properties;
mod shapes;
mod table;
