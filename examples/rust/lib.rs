//! Programs that embed a hub; see the files beside this one.

/// The README's Rust is a test of this package.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
