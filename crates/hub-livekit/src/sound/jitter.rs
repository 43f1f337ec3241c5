//! When packets come, which of them are there, and how long to wait for the others.

mod arrivals;
mod seen;
mod store;

pub(crate) use arrivals::Arrivals;
pub(crate) use seen::Seen;
pub(crate) use store::{Store, Stored};
