//! `http.request` against a server and a resolver of its own: every way out is tried.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod approved;
mod ways_out;
mod world;
