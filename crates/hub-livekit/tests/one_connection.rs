//! The tests of `room.rs` once more, with one peer connection for both ways.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod network;
mod support;

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

pub(crate) const ONE_CONNECTION: bool = true;
