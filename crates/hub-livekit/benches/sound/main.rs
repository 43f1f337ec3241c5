//! Sound.
fn main() {}
