//! The server as its clients meet it: over a socket, on a folder of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod artifacts;
mod bad_input;
mod boundaries;
mod examples;
mod golden_flow;
mod harness;
mod limits;
mod matrix;
mod openapi;
mod operations;
mod stop;
mod world;
