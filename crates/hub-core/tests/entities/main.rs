//! Who and where: tokens, devices, people, consent, presence, types of events, work given up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "a test may wait for the machine")]

mod consents;
mod dead_letters;
mod devices;
mod event_types;
mod islands;
mod people;
mod presence;
mod tokens;
mod world;
