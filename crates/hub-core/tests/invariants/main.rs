//! The invariants of the hub, a file for each, also under faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test waits for the machine, and says what it skips"
)]

mod bad_input;
mod i1_durable;
mod i2_islands;
mod i3_privacy;
mod i4_consent;
mod i5_approval;
mod i6_audit;
mod i6_tampering;
mod i7_planning;
mod i8_leases;
mod world;
