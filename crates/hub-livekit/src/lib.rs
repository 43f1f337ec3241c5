//! A LiveKit room participant, worker and server side in pure Rust.

#[cfg(feature = "doctor")]
pub mod doctor;
mod error;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
#[allow(missing_docs, unreachable_pub, clippy::unwrap_used, reason = "tests and the builds of `fuzz/` alone")]
pub mod fuzzing;
pub mod net;
pub mod room;
pub mod server;
mod session;
pub mod sound;
mod transport;
pub mod worker;

pub use error::{Error, Result};
pub use room::{Room, RoomEvent, RoomEvents, RoomOptions};
