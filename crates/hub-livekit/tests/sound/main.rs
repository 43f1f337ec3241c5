//! Sender and receiver together, through a network that is simulated in virtual time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests stop at the first surprise")]

mod drift;
mod hearing;
mod hostile;
#[path = "../../benches/sound/network.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "shared with the benchmark")]
mod network;
mod quality;
mod sending;
mod stream;
