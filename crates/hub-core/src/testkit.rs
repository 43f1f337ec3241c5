//! For tests of the hub and of adapters: time that moves by hand, randomness that repeats, a
//! database that fails or is slow when it is told to, and the contract of the store as a suite.
//!
//! Behind the feature `testkit`; nothing of it belongs into a program that people use.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this is the code of tests: a check that fails ends its test"
)]

mod clock;
pub mod conformance;
mod delaying;
mod entropy;
mod failing;
mod work_queue;

pub use clock::ManualClock;
pub use delaying::DelayingExecutor;
pub use entropy::SeededEntropy;
pub use failing::{FailingExecutor, Fault, Gate, Step};
pub use work_queue::{Claimed, WorkQueue};
