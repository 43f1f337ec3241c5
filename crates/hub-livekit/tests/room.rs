//! A participant in a room of a real server, beside one of Python's package.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod network;
mod support;

#[path = "room/bad.rs"]
mod bad;
#[path = "room/calls.rs"]
mod calls;
#[path = "room/data.rs"]
mod data;
#[path = "room/elsewhere.rs"]
mod elsewhere;
#[path = "room/joining.rs"]
mod joining;
#[path = "room/others.rs"]
mod others;
#[path = "room/sound.rs"]
mod sound;
#[path = "room/staying.rs"]
mod staying;
#[path = "room/streams.rs"]
mod streams;

use joining::{SOON, connected, event, join, options, tone};

/// The tests of `one_connection.rs` are these, with one.
pub(crate) const ONE_CONNECTION: bool = false;
