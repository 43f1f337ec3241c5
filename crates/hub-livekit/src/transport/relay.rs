//! Addresses at TURN servers (RFC 8656), which relay for who has no UDP, or no way to the server at all.

mod client;
#[cfg(any(test, fuzzing))]
pub(crate) mod rehearsal;
mod server;
mod task;
#[cfg(test)]
mod tests;

pub use server::RelayTransport;
pub(crate) use server::{Relay, relays};
pub(crate) use task::run;
