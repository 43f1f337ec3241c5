//! A LiveKit room participant, worker and server side in pure Rust.

#[cfg(feature = "doctor")]
pub mod doctor;
mod error;
pub mod net;
pub mod room;
pub mod server;
mod session;
pub mod sound;
mod transport;
pub mod worker;

pub use error::{Error, Result};
pub use room::{Room, RoomEvent, RoomEvents, RoomOptions};
