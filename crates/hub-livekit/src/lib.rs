//! A LiveKit room participant and agent worker in pure Rust.

pub mod sound;
