//! A LiveKit room participant, worker and server side in pure Rust.

#[cfg(feature = "doctor")]
pub mod doctor;
pub mod net;
pub mod server;
pub mod worker;
