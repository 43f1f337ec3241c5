//! Traces and metrics by OpenTelemetry, as a collector sees them: the real program, real HTTP, and the messages
//! read by OpenTelemetry's own crate.
#![cfg(all(unix, feature = "otlp"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../cli_support/mod.rs"]
mod cli_support;
mod collector;
mod document;
mod failing;
mod house;
mod numbers;
mod off;
mod processes;
mod secret;
mod story;
mod tree;
