//! A LiveKit room participant, worker and server side in pure Rust.

pub mod net;
pub mod server;
pub mod sound;
pub mod worker;
