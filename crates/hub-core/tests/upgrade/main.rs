//! A database of every earlier schema is opened by this program, and keeps what it held; also when a
//! migration was killed.
//!
//! `fixtures` holds, for each version of the schema, what a hub of that version left on each database, as
//! SQL, and what that hub said of itself, as JSON. `cargo xtask fixtures` makes those of the present version;
//! they are made when it is released and never again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod dump;
#[path = "../everything/mod.rs"]
mod everything;
mod fixture;
#[cfg(feature = "postgres")]
#[path = "../postgres/fresh.rs"]
mod fresh;
mod handmade;
mod killed;
mod opened;
